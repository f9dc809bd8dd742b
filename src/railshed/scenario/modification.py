"""What every type of modification has: its fields, its check, what it does to a network, and its
sentences.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from railshed.network.lines import Line
from railshed.network.model import Network
from railshed.scenario.fields.kinds import Fields
from railshed.scenario.fields.table import Table
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase


@dataclass
class Modification(ABC):
    """One modification, and the network as those before it leave it.

    A subclass is a type of modifications; `railshed.scenario.modifications` lists them. Its
    sentences stand in the catalogue of phrases. `check` leaves on the instance what `apply` needs.
    """

    #: name of the type in scenario files
    type: ClassVar[str]
    #: what it does, for the JSON Schema
    meaning: ClassVar[str]
    fields: ClassVar[Fields]
    #: whether it cannot do without ``name``; its `check` reports that itself
    is_named: ClassVar[bool] = False
    #: fields of an instance that can be applied to the network `toy`
    example: ClassVar[Mapping[str, Any]]
    #: fields that property tests draw besides required ones, by `Field.kind` and `Field.usual`; one
    #: of a tuple
    drawn: ClassVar[Sequence[str | tuple[str, ...]]] = ()

    table: Table
    network: Network
    #: slug of the city that is compared, "" for none
    city: str = ""
    seed: int = 0
    #: lines that were added so far, by this one too
    lines: list[Line] = field(default_factory=list)
    #: what it did, in sentences
    effects: list[Words] = field(default_factory=list)
    #: those that its table selects, by index: see `selection.select`
    trips: tuple[int, ...] = ()
    #: whether nothing was removed or changed that was there before
    only_adds: bool = False
    #: it names something that an earlier modification with errors would have added: nothing to
    #: report again
    waits: bool = False

    def __post_init__(self) -> None:
        self._n_before = len(self.table.problems.found.issues)

    @abstractmethod
    def check(self) -> bool:
        """Read the fields, report what is not allowed, and return whether anything can be done with
        them.
        """

    @abstractmethod
    def apply(self) -> Network | None:
        """Return the changed network, of checked fields; None, reported, if its trips do not allow
        the change.
        """

    def changed(self) -> Network | None:
        """Return the network with this modification, None if it is reported as wrong."""
        found = self.apply() if self.check() and not self.failed else None
        return None if self.failed else found

    @property
    def failed(self) -> bool:
        """Whether it cannot be applied."""
        return self.waits or len(self.table.problems.found.issues) > self._n_before

    def unsure(self, *names: str) -> bool:
        """Return whether an earlier modification that failed would have added one of the names."""
        found = any(name in self.table.problems.found.failed for name in names)
        self.waits |= found
        return found

    def say(self, key: str, **figures: object) -> None:
        """Add a sentence on what it did, a phrase by its key."""
        self.effects.append(phrase(key, **figures))

    def note(self, key: str, **figures: object) -> None:
        """Add a sentence on what was assumed or left out, a phrase by its key."""
        self.table.problems.found.notes.append(phrase(key, **figures))

    def note_once(self, words: Words) -> None:
        """Add such a sentence without figures unless it was added before."""
        if words not in self.table.problems.found.notes:
            self.table.problems.found.notes.append(words)
