"""Graph reduction: the nodes of a street network that a search can leave out, on chains and dead
ends.

The nodes that are left out form branches: connected sets of nodes that touch the rest, the
junctions, at one or two nodes, their ends. The times of a branch follow from those of its ends. A
branch is a tree: a chain of streets from end to end (both may be the same junction) with the dead
ends on it, or a dead end on a junction.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.jit import kernel

I64 = NDArray[np.int64]
#: "no edge": beyond every limit, and a time within the limit plus this fits 32 bits
FAR = 2**30


class Neighbours(NamedTuple):
    """Neighbours of each node by an edge in one direction or both: each pair from both nodes, no
    loops.
    """

    #: int64 (n_nodes + 1,) offsets of the neighbours of a node
    ptr: I64
    #: int64 (n,) the node itself, and its neighbour
    tail: I64
    node: I64
    #: int64 (n,) units of time to the neighbour and from it, FAR where there is no edge
    there: I64
    back: I64


class Attachment(NamedTuple):
    """The two junctions that each node is attached to; a junction to itself, a node with one end to
    that end twice.
    """

    #: int64 (n_nodes, 2) ends
    end: I64
    #: int64 (n_nodes, 2) units of time from the ends and to them within the branch, at most FAR
    out: I64
    back: I64


@kernel
def dead_ends(neighbours, largest):
    """Return (order, by, size): the nodes of dead ends, the outermost first, and how they are
    attached to the rest.

    order int64 (n,): each after all that are attached to it. by int64 (n_nodes,): the place in
    `neighbours` by which a node is attached to the next one, -1 for those that stay. size int64
    (n_nodes,): how many nodes are attached to one, itself included, at most `largest`: what would
    make it larger stays. The last node of a tree stays.
    """
    ptr, _, node, _, _ = neighbours
    n_nodes = len(ptr) - 1
    n = 0
    n_left = ptr[1:] - ptr[:-1]
    size = np.ones(n_nodes, np.int64)
    by = np.full(n_nodes, -1)
    order = np.empty(n_nodes, np.int64)
    for first in range(n_nodes):
        here = np.int64(first)
        while n_left[here] == 1 and here <= first:  # the turn of later ones comes
            k = ptr[here]
            while by[node[k]] >= 0:
                k += 1
            nearer = node[k]
            if size[here] + size[nearer] > largest:
                break
            by[here] = k
            order[n] = here
            n += 1
            n_left[here] = 0
            n_left[nearer] -= 1
            size[nearer] += size[here]
            here = nearer
    return order[:n], by, size


@kernel
def find_chains(neighbours, by, size, largest):
    """Return (junction, ptr, street): the nodes that are searched, and the chains between them that
    are left out.

    junction bool (n_nodes,): those that stay after `dead_ends` and have not two neighbours that
    stay. street int64 (n,): places in `neighbours`, one more than the chain has nodes, from its
    first end into its last; ptr int64 (n_streets + 1,) their offsets. The node that attaches more
    than `largest` nodes to a chain becomes a junction, and so does the first node of a circle
    without any.
    """
    ptr, tail, node, _, _ = neighbours
    n_nodes = len(by)
    n_streets = 0
    n = 0
    n_left = np.zeros(n_nodes, np.int64)
    for here in range(n_nodes):
        for k in range(ptr[here], ptr[here + 1]):
            n_left[here] += by[node[k]] < 0
    junction = (by < 0) & (n_left != 2)
    done = junction | (by >= 0)
    street_ptr = np.zeros(n_nodes + 1, np.int64)
    street = np.empty(2 * n_nodes, np.int64)
    for turn in range(2 * n_nodes):  # what is left in the second round are circles
        start = turn % n_nodes
        if turn >= n_nodes and not done[start]:
            done[start] = junction[start] = True
        if not junction[start]:
            continue
        for first in range(ptr[start], ptr[start + 1]):
            k = np.int64(first)
            n_attached = 0
            ended = done[node[first]]
            while not ended:
                street[n] = k
                n += 1
                here = node[k]
                ended = done[here]
                if not ended:
                    done[here] = True
                    n_attached += size[here]
                    junction[here] = n_attached > largest
                if junction[here]:
                    n_streets += 1
                    street_ptr[n_streets] = n
                    n_attached = 0
                if not ended:
                    before = tail[k]
                    k = ptr[here]
                    while by[node[k]] >= 0 or node[k] == before:
                        k += 1
    return junction, street_ptr[: n_streets + 1], street[:n]


@kernel
def attach(neighbours, order, by, street_ptr, street):
    """Return (attachment, along): how nodes are attached to junctions, and int64 (n_streets, 2)
    units along each chain.

    From its first end to its last, and back. Arguments as `dead_ends` and `find_chains` return
    them.
    """
    _, tail, node, there, back = neighbours
    n_nodes = len(by)
    n_streets = len(street_ptr) - 1
    end = np.empty((n_nodes, 2), np.int64)
    out = np.zeros((n_nodes, 2), np.int64)
    home = np.zeros((n_nodes, 2), np.int64)
    along = np.zeros((n_streets, 2), np.int64)
    for here in range(n_nodes):
        end[here] = here
    for k in range(n_streets):
        first = street_ptr[k]
        last = street_ptr[k + 1] - 1
        for i in range(first, last + 1):
            place = street[i]
            along[k, 0] = min(FAR, along[k, 0] + there[place])
            along[k, 1] = min(FAR, along[k, 1] + back[place])
            if i < last:
                here = node[place]
                end[here, 0] = tail[street[first]]
                out[here, 0] = along[k, 0]
                home[here, 0] = along[k, 1]
        from_last = np.int64(0)
        to_last = np.int64(0)
        for i in range(last, first, -1):
            place = street[i]
            here = tail[place]
            from_last = min(FAR, from_last + back[place])
            to_last = min(FAR, to_last + there[place])
            end[here, 1] = node[street[last]]
            out[here, 1] = from_last
            home[here, 1] = to_last
    for i in range(len(order) - 1, -1, -1):
        here = order[i]
        place = by[order[i]]
        nearer = node[place]
        for k in range(2):
            end[here, k] = end[nearer, k]
            out[here, k] = min(FAR, out[nearer, k] + back[place])
            home[here, k] = min(FAR, home[nearer, k] + there[place])
    return Attachment(end, out, home), along
