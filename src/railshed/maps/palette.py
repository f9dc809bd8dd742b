"""Colours and steps that maps and exported styles share."""

from __future__ import annotations

#: least minutes of each band of minutes saved, on maps too
SAVED_STEPS_MIN = (30, 15, 10, 5, 1)
