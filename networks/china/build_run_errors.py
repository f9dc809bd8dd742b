"""Errors of predicted run times in three numbers, bands of lengths, and tables of them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median


def errors_of(predicted: Sequence[float], actual: Sequence[float]) -> list[str]:
    """Return bias (median of predicted minus actual), median absolute error and p90 of absolute
    errors, in minutes.
    """
    differences = [p - a for p, a in zip(predicted, actual, strict=True)]
    sizes = sorted(map(abs, differences))
    bias = round(median(differences), 1) + 0.0  # no -0.0
    return [f"{bias:+.1f}", f"{median(sizes):.1f}", f"{sizes[math.ceil(0.9 * len(sizes)) - 1]:.1f}"]


def band_of(metres: float, ends_km: Sequence[float]) -> str:
    """Return the band of a length, such as `15-25 km`; the last has no end."""
    low, high = next((low, high) for low, high in pairwise(ends_km) if metres < high * 1000)
    return f"{low}-{high} km" if high < math.inf else f"{low}+ km"


def sort_key(text: str) -> tuple[float, str]:
    """Return what puts bands and speeds in the order of their first number, words after them."""
    digits = text.split("-")[0].split("+")[0].split()[0]
    return (float(digits), "") if digits.replace(".", "").isdigit() else (math.inf, text)


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()


def as_markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("_", " ") for cell in line) + " |" for line in lines
    )
