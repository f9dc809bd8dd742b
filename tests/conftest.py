"""What all tests share: the profiles of hypothesis, networks, the command line."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from railshed import Network, load_network, prepare
from railshed.api.analysis import Analysis
from railshed.kernels.jit import ShippedCode
from railshed.maps import save
from tests.support.clirunner import Command, command_line
from tests.support.osm_server import osm_server  # noqa: F401 - a fixture
from tests.support.seeds import SPARSE
from tests.support.signatures import check_compiled

#: how many times the examples of a pull request a night takes
_NIGHT = 20

#: dots an inch of pictures that tests write
_DPI = 40

#: fixtures of the network of China
_CHINA = {"china", "china_run"}
#: the cache folder of tests of China; a run that has none makes one for itself
_SHARED = "RAILSHED_TESTS_CACHE"

os.environ["RAILSHED_NETWORK_CACHE"] = "0"  # nothing of a test is left in the user's cache
settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("nightly", database=None, deadline=None, print_blob=True)
if profile := os.environ.get("RAILSHED_HYPOTHESIS"):
    settings.load_profile(profile)


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests of hypothesis as properties, give them more examples at night, and start with slow
    tests.

    Tests with a fixture of China are marked. Tests of acceptance, which take minutes each, are
    skipped unless RAILSHED_ACCEPTANCE is set.
    """
    for item in items:
        if _CHINA & set(getattr(item, "fixturenames", ())):
            item.add_marker("china")
        if item.get_closest_marker("acceptance") and not os.environ.get("RAILSHED_ACCEPTANCE"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: set RAILSHED_ACCEPTANCE=1"))
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False):
            item.add_marker("properties")
            usual = test._hypothesis_internal_use_settings
            times = _NIGHT if profile == "nightly" else 1
            test._hypothesis_internal_use_settings = settings(
                usual, max_examples=times * usual.max_examples // SPARSE
            )
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder that tests of China share, before the workers start; it goes with the run
    that made it.

    Where Python is set to write no compiled modules they stay in that folder, for the processes
    that tests start.
    """
    if _SHARED not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="railshed-tests-", ignore_cleanup_errors=True)
        config.add_cleanup(folder.cleanup)
        os.environ[_SHARED] = folder.name
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", os.environ[_SHARED])


def pytest_collection_finish() -> None:
    """Leave what is imported and collected out of garbage collection, which then takes hundredths
    of a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def no_garbage() -> Iterator[None]:
    """Figures and analyses, which refer to themselves, go with the module that made them."""
    yield
    gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Have tests of China cast its 107,000 trips once a run: for them the network cache is on, in a
    folder they share.

    Other tests read every network anew. Of all, kernels are compiled for the types of the package's
    list alone, but in tests of kernels, which pass what they like.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not item.get_closest_marker("kernels") and item.path.parent.name != "kernels":
            patch.setattr(ShippedCode, "save_overload", check_compiled)
        if item.get_closest_marker("china"):
            patch.delenv("RAILSHED_NETWORK_CACHE")
            patch.setenv("RAILSHED_CACHE_DIR", os.environ[_SHARED])
        return (yield)


_drawn = save.drawn


@pytest.fixture(scope="session", autouse=True)
def small_sheets() -> Iterator[None]:
    """Pictures are written at `_DPI` dots an inch: those of print size take half the time of a
    circle with files.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            save, "drawn", lambda figure, dpi=None: _drawn(figure, min(_DPI, dpi or figure.dpi))
        )
        yield


@pytest.fixture
def print_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of this test are written as users have them."""
    monkeypatch.setattr(save, "drawn", _drawn)


def _tables(network: Network) -> tuple[str, ...]:
    """Return the tables of a network as text: the only parts that are not frozen."""
    return tuple(
        "" if table is None else table.to_csv() for table in (network.counties, network.population)
    )


@pytest.fixture(scope="session")
def toy() -> Iterator[Network]:
    """The grid city of networks/toy; no test may change it."""
    network = load_network("toy")
    before = _tables(network)
    yield network
    assert _tables(network) == before


@pytest.fixture(scope="session")
def toy_run(toy: Network) -> Analysis:
    """The grid city prepared with the default assumptions."""
    return prepare(toy)


@pytest.fixture(scope="session")
def china() -> Network:
    """The shipped network of China."""
    return load_network("china")


@pytest.fixture(scope="session")
def china_run(china: Network) -> Analysis:
    """The network of China prepared with the default assumptions."""
    return prepare(china)


@pytest.fixture
def railshed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line in this process: `railshed("circle", "mid", "-n", "toy")`."""
    return command_line(monkeypatch, capsys)


@pytest.fixture
def cli(railshed: Command) -> Command:
    """The same, for tests that use the package by its name."""
    return railshed


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder of the test's own."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
