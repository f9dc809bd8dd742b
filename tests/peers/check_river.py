"""Draw the circles of two stations on either bank of a river, straight and along streets: `river.png` beside this.

    python tests/check_river.py [--out FILE]

A made-up line calls on both banks of the Willamette in Portland, where no bridge is near. On foot along streets neither
circle crosses (`test_streetaccess.py` tests the same on made-up streets). Reads ../shared/data/osm.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import networkx as nx
from matplotlib.collections import LineCollection

import railshed

HERE = Path(__file__).resolve().parent
PORTLAND = HERE.parents[1] / "shared" / "data" / "osm" / "portland-central-filtered.osm.pbf"
PLACES = {"west": (-122.6712, 45.4905), "east": (-122.6600, 45.4905), "core": (-122.6800, 45.5300)}
#: lon and lat drawn
BOX = (-122.690, -122.642), (45.478, 45.508)


def made_up_line() -> railshed.Network:
    """Return ten minutes from either bank to the core, every ten minutes."""
    graph = nx.MultiDiGraph()
    for name, (lon, lat) in PLACES.items():
        graph.add_node(name, name=name.title(), lon=lon, lat=lat)
    for bank in ("west", "east"):
        for one, two in ((bank, "core"), ("core", bank)):
            graph.add_edge(one, two, line=bank, run_s=600, headway_s=600)
    return railshed.from_networkx(graph)


def main() -> None:
    """Draw both maps side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "river.png")
    out = parser.parse_args().out
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    network, streets = made_up_line(), railshed.read_streets(PORTLAND)
    city = railshed.city_at(network, *PLACES["core"], stations_within_km=0.3, name="Core")
    figure, panels = plt.subplots(1, 2, figsize=(11, 5.6), layout="constrained")
    ways = [
        [(streets.lon[a], streets.lat[a]), (streets.lon[b], streets.lat[b])]
        for a, b in zip(streets.tail, streets.head, strict=True)
    ]
    for axes, title, given in ((panels[0], "straight lines x detour", None), (panels[1], "along streets", streets)):
        circle = railshed.circle(network, city, access="walk", cell_size_m=50, streets=given)
        shown = circle.polygons
        inside = (shown["reading"] == "door-to-station") & (shown["kind"] == "by_rail") & (shown["cutoff_min"] == 60)
        axes.add_collection(LineCollection(ways, color="0.65", linewidth=0.4))
        shown[inside].plot(ax=axes, alpha=0.5, color="tab:blue")
        for bank in ("west", "east"):
            axes.plot(*PLACES[bank], "k^", markersize=9)
        axes.set(xlim=BOX[0], ylim=BOX[1], title=f"{title}: {circle.summary['range']['central']['area_km2']:.2f} km²")
        axes.set_aspect(1 / 0.7)
        axes.ticklabel_format(useOffset=False)
    figure.suptitle("On foot, within 60 min of the core by rail: two stations, a river between them")
    figure.text(0.01, 0.01, "Streets © OpenStreetMap contributors (ODbL); the line is made up", fontsize=7)
    figure.savefig(out, dpi=90, metadata={"Software": None})


if __name__ == "__main__":
    main()
