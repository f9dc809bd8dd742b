"""Raw data beside the checkout, which is not part of it: tests that read it skip where it is
absent.
"""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def needs(*names: str) -> pytest.MarkDecorator:
    """Return the mark that skips a test unless `../shared/data` has all these files or folders."""
    absent = [name for name in names if not (SHARED / name).exists()]
    return pytest.mark.skipif(bool(absent), reason=f"needs ../shared/data: {', '.join(absent)}")
