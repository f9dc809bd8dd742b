"""Random scenarios of the toy network through `compare`: as a full run has it, or refused with
field and value.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

import railshed
from railshed.network.model import Network
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.modifications import MODIFICATIONS
from tests.support.forks import Ended, called, listed, part, ran
from tests.support.random_scenarios import canonical, modification

#: accepted ones, and as many refused ones
N = 300
SLICES = 8
CITY = "mid"
_FIELD = re.compile(r"field [a-z_]+")
#: what no field takes; a text is no number, and a number is no text
JUNK: tuple[Any, ...] = (
    -1,
    0.5e-300,
    1e308,
    float("nan"),
    float("inf"),
    2**70,
    "Nirgendwo 17",
    "",
    " ",
    "25:99",
    "\x1b[2J",
    "a" * 5_000,
    [],
    [[]],
    [None],
    {},
    {"x": 1},
    None,
    True,
    [1, "a"],
    [{"name": "n"}],
    [{"lon": 1e9, "lat": 0, "name": "n"}],
    [{"start_time": "09:00", "end_time": "08:00", "headway_minutes": 10}],
    [{"headway_minutes": 1e-9}],
)


def drawn(seed: int, network: Network) -> list[dict[str, Any]]:
    """Return one to three modifications; of an uneven seed, one has a field that it cannot have, or
    that of another.
    """
    rng = random.Random(seed)
    mods = [modification(rng, network, k) for k in range(rng.choice((1, 1, 2, 3)))]
    for one in mods:
        if one.get("routes") == ["r"]:
            one["routes"] = [rng.choice(network.trips.route_ids)]
        for stop in one.get("stops", []):
            if isinstance(stop, dict):
                stop["lat"] = round(
                    stop["lat"] - 9.7, 5
                )  # the toy network lies 1,000 km south of the random ones
    if seed % 2:
        spoiled = rng.choice(mods)
        fields = [*MODIFICATIONS[spoiled["type"]].fields, "colour"]
        spoiled[rng.choice(fields)] = rng.choice(JUNK)
        if rng.random() < 0.2:
            spoiled.pop(rng.choice([key for key in spoiled if key != "type"] or ["type"]))
    return mods


def is_accepted(network: Network, mods: list[dict[str, Any]]) -> bool:
    try:
        resolve(network, scenario_from_dict({"modification": mods}), city=CITY)
    except railshed.InputError:
        return False
    return True


def seeds_of(network: Network, *, accepted: bool) -> list[int]:
    """Return the seeds of the scenarios that are run: so many that are accepted, or refused."""
    found: list[int] = []
    seed = 0
    while len(found) < part(N):
        if is_accepted(network, drawn(seed, network)) is accepted:
            found.append(seed)
        seed += 1
    return found


@pytest.fixture(scope="module")
def network() -> Network:
    return canonical(railshed.load_network("toy"))


def written(folder: Path, mods: list[dict[str, Any]]) -> Path:
    path = folder / "plan.json"
    path.write_text(json.dumps({"modification": mods}), encoding="utf-8")
    return path


# --- accepted -----------------------------------------------------------------------------------


def full_run(mods: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the summary of the circle of the changed network, made anew, on the cells of the
    network before it.

    Of the city as it was: no plan moves the goal.
    """
    network = railshed.load_network("toy")
    before = railshed.prepare(network)
    after = resolve(network, scenario_from_dict({"modification": mods}), city=CITY).network
    run = railshed.prepare(after).changed(cells=before.cells)
    found: dict[str, Any] = railshed.circle(run, network.get_city(CITY)).summary.to_dict()
    return {name: found[name] for name in ("readings", "press", "bridge", "corners")}


def differences(mods: list[dict[str, Any]], folder: Path) -> list[str]:
    """Return what `compare` and the full run differ in, or what is wrong with either."""
    compared = ran("compare", CITY, "-n", "toy", "-s", written(folder, mods), "--json")
    full = called(lambda: full_run(mods))
    if said := [*compared.problems(0), *full.problems(0)]:
        return [*said, compared.err[-500:], full.err[-500:]]
    (found,) = json.loads(compared.out)["comparisons"]
    return [name for name, value in full.value.items() if found["after"][name] != value]


@pytest.mark.parametrize("which", range(SLICES))
def test_an_accepted_scenario_is_the_full_run(
    warm: Path, tmp_path: Path, network: Network, which: int
) -> None:
    """People, areas, stations and counties after it are those of a circle of the changed
    network.
    """
    wrong = {}
    for seed in seeds_of(network, accepted=True)[which::SLICES]:
        mods = drawn(seed, network)
        if said := differences(mods, tmp_path):
            wrong[seed] = said, mods
    assert not wrong, listed(wrong)


# --- refused ------------------------------------------------------------------------------------


def refusal(ended: Ended, out: Path, mods: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with how a command refuses a scenario."""
    found = ended.problems(2)
    found += ["something is written"] * out.exists()
    listed = [line for line in ended.err.splitlines() if line.startswith("  error ")]
    found += ["no problem is listed"] * (not listed)
    found += [f"no field: {line[:300]}" for line in listed if not _FIELD.search(line)]
    unnamed = ("missing-key", "unknown-key")  # there is no value, or the key itself is one
    silent = [
        line for line in listed if "(given: " not in line and line.split()[1][:-1] not in unnamed
    ]
    if "" not in [
        value for one in mods for value in one.values()
    ]:  # of an empty text nothing can be shown
        found += [f"no value: {line[:300]}" for line in silent]
    found += ["a raw control character"] * ("\x1b" in ended.err + ended.out)
    return found


@pytest.mark.parametrize("which", range(SLICES))
def test_a_refused_scenario_names_field_and_value(
    warm: Path, tmp_path: Path, network: Network, which: int
) -> None:
    """Exit code 2, each problem with its field and value, nothing written."""
    wrong = {}
    for seed in seeds_of(network, accepted=False)[which::SLICES]:
        mods = drawn(seed, network)
        ended = ran(
            "compare", CITY, "-n", "toy", "-s", written(tmp_path, mods), "-o", tmp_path / "out"
        )
        if said := refusal(ended, tmp_path / "out", mods):
            wrong[seed] = said, str(mods)[:500]
    assert not wrong, listed(wrong)


def test_the_scenarios_are_of_every_type(network: Network) -> None:
    """Accepted ones of every type of modification, and refused ones."""
    for accepted in (True, False):
        kinds = {
            str(one.get("type"))
            for seed in seeds_of(network, accepted=accepted)
            for one in drawn(seed, network)
        }
        assert kinds >= MODIFICATIONS.keys()
