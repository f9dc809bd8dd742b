"""Pictures made by a second process: the same bytes as here, and made here where anything is wrong there."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from railshed.maps import beside, fonts
from railshed.maps.save import Pictures, save_figure
from railshed.maps.style import MapFigure


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let processes be started, as a command does."""
    monkeypatch.setattr(beside, "allowed", True)
    monkeypatch.setattr(beside.os, "cpu_count", lambda: 2)
    return


def figure_of(text: str) -> Any:
    """Return a small figure with a text in the shipped font."""
    figure = MapFigure(figsize=(2, 1), dpi=72)
    figure.text(0.1, 0.5, text, fontproperties=fonts.font(9.0))
    return figure


@pytest.mark.usefixtures("allowed")
def test_the_bytes_are_those_that_are_written_here(tmp_path: Path) -> None:
    """Whichever process makes it, and in whichever order pictures are written; what was not asked for is made here."""
    first, second = figure_of("成都 60"), figure_of("car")
    plain = [save_figure(figure, tmp_path / f"plain{k}.png").read_bytes() for k, figure in enumerate((first, second))]
    with beside.Beside() as other:
        other.ask(first, "png")
        (later,) = Pictures().write(second, tmp_path, "second", other)
        made = other.picture(first, "png")
        other.ask(first, "png")
        (early,) = Pictures().write(first, tmp_path, "first", other)
    assert [early.read_bytes(), later.read_bytes()] == plain
    assert made == plain[0]
    assert other._process is not None
    assert other._process.poll() is not None


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("program", [sys.executable, "/no/such/program"])
def test_what_fails_there_is_made_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """A process that knows no such format or is none writes nothing; errors are those of this process."""
    monkeypatch.setattr(beside.sys, "executable", program)
    figure = figure_of("a")
    with beside.Beside() as other:
        other.ask(figure, "bmp" if program == sys.executable else "png")
        assert other.picture(figure, "bmp") is None
        other.ask(figure, "png")
        assert save_figure(figure, tmp_path / "a.png", other).read_bytes()[1:4] == b"PNG"


@pytest.mark.usefixtures("allowed")
def test_a_figure_that_cannot_be_sent_is_made_here(tmp_path: Path) -> None:
    """Nothing is asked for then."""
    figure = figure_of("a")
    figure.never = lambda: None
    with beside.Beside() as other:
        other.ask(figure, "png")
        assert other.picture(figure, "png") is None


@pytest.mark.parametrize(("wanted", "may", "cores"), [(False, True, 2), (True, False, 2), (True, True, 1)])
def test_no_process_is_started_in_vain(monkeypatch: pytest.MonkeyPatch, wanted: bool, may: bool, cores: int) -> None:
    """Neither without maps, nor in a process that is not a command's own, nor on one core."""
    monkeypatch.setattr(beside, "allowed", may)
    monkeypatch.setattr(beside.os, "cpu_count", lambda: cores)
    with beside.Beside(wanted=wanted) as other:
        assert other._process is None
        other.ask(figure_of("a"), "png")


def test_figures_are_served_until_there_are_none() -> None:
    """One picture a figure; a message that is cut off is the end."""
    given, told = BytesIO(), BytesIO()
    beside._write(given, pickle.dumps((figure_of("a"), "png")))
    given.write(b"\5\0\0\0\0\0\0\0cut")
    given.seek(0)
    beside.serve(given, told)
    told.seek(0)
    assert beside._read(told)[1:4] == b"PNG"
    assert beside._read(told) == b""
