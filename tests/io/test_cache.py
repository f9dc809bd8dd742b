"""Networks in the cache folder: bit for bit what is read, with every note and warning; damage is as
if absent.
"""

from __future__ import annotations

import dataclasses
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.io import cache
from railshed.io.cache import load_network_once, pack_network, unpack_network
from railshed.io.networks import load_network
from railshed.maps.from_network import network_legs
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.util.errors import InputError, NotFoundError
from railshed.util.files import networks_root
from railshed.util.frames import LaterFrame, altered, columns_of
from tests.support.clirunner import command_line


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the files of an empty cache folder, which is in use."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("RAILSHED_NETWORK_CACHE", raising=False)
    return tmp_path / "cache" / "arrays"


def same(a: Any, b: Any) -> bool:
    """Return whether two values are equal in type and content, to the bit and the flag of every
    array.
    """
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        flags = (a.dtype, a.shape, a.flags.writeable, a.flags.c_contiguous)
        return (
            flags == (b.dtype, b.shape, b.flags.writeable, b.flags.c_contiguous)
            and a.tobytes() == b.tobytes()
        )
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
        return getattr(a, "crs", None) == getattr(b, "crs", None)
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def never(*arguments: object) -> Network:
    """Stand for reading where nothing may be read."""
    raise AssertionError("read again")


@pytest.mark.parametrize(
    ("ref", "options"),
    [
        ("toy", {}),
        ("toy", {"lines": False, "areas": False}),
        ("toy/timetable.zip", {"date": None}),
        pytest.param("china", {}, marks=[pytest.mark.china, pytest.mark.slow]),
    ],
)
def test_cached_networks_equal_those_read(
    monkeypatch: pytest.MonkeyPatch, ref: str, options: dict[str, Any]
) -> None:
    """The first and the second network are the one that is read, to the last note; the second reads
    nothing.
    """
    ref = str(networks_root() / ref) if "/" in ref else ref
    read = load_network(ref, **options)
    assert same(load_network_once(ref, **options), read)
    monkeypatch.setattr(cache, "_load", never)
    cached = load_network_once(ref, **options)
    assert same(cached, read)
    assumptions = default_assumptions(read.assumptions)
    plain, first, second = (
        compile_network(network, assumptions) for network in (read, cached, cached)
    )
    for compiled in (first, second):
        for direction in ("to", "from"):
            assert same(tuple(compiled.timetable(direction)), tuple(plain.timetable(direction)))
        assert same((compiled.run_trip, compiled.run_shift), (plain.run_trip, plain.run_shift))
        assert compiled.fingerprint() == plain.fingerprint()


def test_warnings_of_a_feed_are_cached(tmp_path: Path) -> None:
    """What reading counted, left out and warned of stands in the second network too, and the
    command says it again.
    """
    feed = tmp_path / "feed"
    shutil.unpack_archive(networks_root() / "toy" / "timetable.zip", feed)
    (feed / "odd.txt").write_text("a,b\n1,2\n", encoding="utf-8")
    stops = (feed / "stops.txt").read_text(encoding="utf-8").splitlines()
    extra = stops[-1].replace(stops[-1].split(",")[0], "alone", 1)
    (feed / "stops.txt").write_text("\n".join([*stops, extra]) + "\n", encoding="utf-8")
    read = load_network(feed)
    assert read.notes
    for _ in range(2):
        found = load_network_once(feed)
        assert (found.notes, found.issues, found.checksums) == (
            read.notes,
            read.issues,
            read.checksums,
        )


def test_other_files_options_and_code_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    """Another option, a changed file or another version of the code has a key of its own."""
    own = tmp_path / "own"
    shutil.copytree(networks_root() / "toy", own)
    load_network_once(own)
    assert len(list(folder.iterdir())) == 1
    assert load_network_once(own, lines=False).lines_included == ()
    assert len(list(folder.iterdir())) == 2
    toml = (own / "network.toml").read_text(encoding="utf-8")
    (own / "network.toml").write_text(
        toml.replace('title = "', 'title = "New ', 1), encoding="utf-8"
    )
    assert load_network_once(own).title == load_network(own).title
    assert load_network_once(own).title.startswith("New ")
    assert len(list(folder.iterdir())) == 3
    monkeypatch.setattr("railshed.io.paths.code_hash", lambda: "another version")
    load_network_once(own)
    assert len(list(folder.iterdir())) == 4


def test_a_file_that_changes_while_it_is_read_is_not_cached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    """The name was given by what the files held before: a network of what they hold now may not
    bear it.
    """
    own = tmp_path / "own"
    shutil.copytree(networks_root() / "toy", own)
    toml = (own / "network.toml").read_text(encoding="utf-8")

    def read_late(refs: Any, options: dict[str, Any]) -> Network:
        (own / "network.toml").write_text(
            toml.replace('title = "', 'title = "New ', 1), encoding="utf-8"
        )
        return load_network(refs, **options)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(cache, "_load", read_late)
        assert load_network_once(own).title.startswith("New ")
    assert not folder.exists()
    (own / "network.toml").write_text(toml, encoding="utf-8")
    assert not load_network_once(own).title.startswith("New ")


def test_a_damaged_file_is_as_if_absent(folder: Path) -> None:
    """After a byte of a file changes, the network is read and cached again."""
    load_network_once("toy")
    [file] = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert same(load_network_once("toy"), load_network("toy"))
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a file stands in the way of the folder every run reads anew, and a line says so; or it
    is switched off.
    """
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr("railshed.util.cache._SAID", [])
    for _ in range(2):
        assert same(load_network_once("toy"), load_network("toy"))
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("railshed: the cache is not used: ")
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("RAILSHED_NETWORK_CACHE", "0")
    assert same(load_network_once("toy"), load_network("toy"))
    assert not (tmp_path / "other").exists()


def test_many_at_once_leave_one_whole_file(folder: Path) -> None:
    """Runs that read the same network at the same time get it each, and one file stays."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(load_network_once, ["toy"] * 8))
    assert all(same(network, found[0]) for network in found)
    assert len(list(folder.iterdir())) == 1


def test_errors_of_reading_are_not_cached(tmp_path: Path, folder: Path) -> None:
    """Errors are those of reading, twice, and nothing is cached."""
    with pytest.raises(NotFoundError, match="nowhere"):
        load_network_once("nowhere")
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no zip")
    messages = []
    for _ in range(2):
        with pytest.raises(InputError) as raised:
            load_network_once(bad)
        messages.append(str(raised.value))
    with pytest.raises(InputError) as raised:
        load_network(bad)
    assert messages == [str(raised.value)] * 2
    assert not folder.exists()


def test_values_that_cannot_be_restored_are_not_cached(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """A network that holds a value without a mark of its own is returned and read anew
    each time.
    """
    odd = dataclasses.replace(load_network("toy"), assumptions={"odd": {1, 2}})
    with pytest.raises(TypeError, match="a set is not cached"):
        pack_network(odd)
    monkeypatch.setattr(cache, "_load", lambda refs, options: odd)
    assert load_network_once("toy") is odd
    assert not folder.exists()


def test_all_kinds_of_values_come_back() -> None:
    """Days of three centuries, dates, lists, nested tables and text in any script are as
    they were.
    """
    toy = load_network("toy")
    long = dataclasses.replace(
        toy.services[0], added=type(toy.services[0].added)(700_000, 1 << 109_000 | 1)
    )
    network = dataclasses.replace(
        toy,
        services=(long, *toy.services[1:]),
        notes=("成都", "\u2028"),
        assumptions={"a": [1, 2.5, None, True], "b": {"c": {"d": 0.1 + 0.2}}},
    )
    assert same(unpack_network([array.copy() for array in pack_network(network)]), network)


def test_oldest_files_go_first(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The folder keeps to its bound."""
    monkeypatch.setattr("railshed.util.cache.MAX_CACHE_BYTES", 1)
    load_network_once("toy")
    load_network_once("toy", lines=False)
    assert len(list(folder.iterdir())) <= 1


def test_commands_say_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`railshed cities` prints the same without the cache, when it fills it, and when it
    reads it.
    """
    railshed = command_line(monkeypatch, capsys)
    with monkeypatch.context() as without:
        without.setenv("RAILSHED_NETWORK_CACHE", "0")
        plain = railshed("cities", "--network", "toy", "--json")
    assert plain.code == 0
    assert railshed("cities", "--network", "toy", "--json") == plain
    monkeypatch.setattr(cache, "_load", never)
    assert railshed("cities", "--network", "toy", "--json") == plain


def test_random_lines_are_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of a map, which take longer than all else to draw, are found once: then to the bit
    the same.
    """
    plain = network_legs(load_network("toy"))
    assert len(plain)
    assert same(network_legs(load_network_once("toy")), plain)
    monkeypatch.setattr("railshed.maps.from_network._merged_legs", never)
    assert same(network_legs(load_network_once("toy")), plain)


@pytest.mark.parametrize("name", ["counties", "population"])
def test_frames_are_made_where_they_are_read(name: str) -> None:
    """A restored network has its columns without a frame, an altered one too; both then read the
    same frame.
    """
    plain = load_network("toy")
    restored = unpack_network(pack_network(plain))
    other, sent = altered(restored, date=plain.date), pickle.loads(pickle.dumps(restored))
    for network in (restored, other, sent):
        columns, expected = columns_of(network, name), columns_of(plain, name)
        assert columns is not None
        assert expected is not None
        assert {key: values.tolist() for key, values in columns.items()} == {
            key: values.tolist() for key, values in expected.items()
        }
        assert isinstance(vars(network)[name], LaterFrame)
    assert (
        getattr(restored, name) is getattr(other, name) is getattr(dataclasses.replace(other), name)
    )
    assert all(same(getattr(network, name), getattr(plain, name)) for network in (restored, sent))
    assert columns_of(dataclasses.replace(plain, **{name: None}), name) is None
