"""Lines written as lines.csv and read back are the same lines."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.io.folder.lines import lines_csv, read_lines
from railshed.network.lines import Line, LineStop, Period
from railshed.network.model import Station

NAMES = st.text("ab,\"'é站 |=", min_size=1, max_size=8).map(lambda text: f"x{text}y")
DEGREES = st.integers(-899_999_999, 899_999_999).map(lambda n: n / 1e7)
CLASSES = st.sampled_from(["halt", "metro"])
ROUTE_TYPES = st.sampled_from([0, 1, 2, 109])


@st.composite
def lines(draw: st.DrawFn, line_id: str) -> Line:
    n = draw(st.integers(2, 5))
    both, two_times = draw(st.booleans()), draw(st.booleans())
    stops = tuple(
        LineStop(
            Station(
                f"{line_id}{i}",
                draw(NAMES),
                draw(DEGREES),
                draw(DEGREES),
                draw(NAMES),
                draw(st.sampled_from(["halt", "metro"])),
            ),
            draw(st.integers(1, 9_000)) if i else 0,
            draw(st.integers(0, 600)) if 0 < i < n - 1 else 0,
            draw(st.sampled_from(["", "city"])),
            (draw(st.integers(1, 9_000)) if i else 0) if both and two_times else None,
        )
        for i in range(n)
    )
    edges = draw(st.lists(st.integers(0, 90_000), min_size=2, max_size=5, unique=True).map(sorted))
    periods = tuple(
        Period(a, b, draw(st.integers(30, 7_200))) for a, b in pairwise(edges) if b - a <= 86_400
    )
    days = draw(st.tuples(*[st.booleans()] * 7))
    return Line(
        line_id,
        draw(NAMES),
        stops,
        periods or (Period(0, 60, 60),),
        both,
        draw(st.sampled_from([0, 1, 2, 109])),
        days,
    )


@settings(max_examples=80, deadline=None)
@given(st.tuples(lines("a"), lines("b")))
def test_read_back(tmp_path_factory, given_lines):
    """To the second and to the seventh decimal of a degree, whatever the names hold."""
    path = tmp_path_factory.getbasetemp() / "lines.csv"
    path.write_text(lines_csv(given_lines, sources={"a": "a, b"}), encoding="utf-8", newline="")
    assert read_lines(path).lines == given_lines


def test_text_of_a_line():
    """19 min 30 s there and 30 s of dwell: the far end is 19.5 + 0.5 + 10 minutes away."""
    stations = [Station(name, name.upper(), i / 8, 0.0) for i, name in enumerate("abc")]
    stops = tuple(
        LineStop(s, run, dwell)
        for s, run, dwell in zip(stations, (0, 1_170, 600), (0, 30, 0), strict=True)
    )
    line = Line(
        "l",
        "L",
        stops,
        (Period(21_600, 25_200, 90), Period(86_400, 90_000, 600)),
        False,
        1,
        (True, *[False] * 6),
    )
    rows = lines_csv([line], sources={}, confidence="medium").splitlines()
    assert rows[3] == (
        "l,L,,3,c,C,,0.2500000,0.0000000,30,,0,small,bus,high,,06:00-07:00=1.5|24:00-25:00=10,no,1,mon,medium,"
    )
    assert rows[2].split(",")[9:12] == ["19.5", "", "0.5"]
