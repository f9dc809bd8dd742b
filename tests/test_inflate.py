"""Members of a zip unpacked by ISA-L are those of zipfile; whatever is odd is left to zipfile."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from railshed.sources import inflate
from railshed.sources.feedfiles import FeedFiles
from railshed.sources.inflate import Inflated, OddMemberError

pytestmark = pytest.mark.skipif(inflate.isal_zlib is None, reason="needs isal")


def packed(path: Path, data: bytes, *, kind: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """Write a zip with a member before and after this one, and return what it says of it."""
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in (("a.txt", b"a" * 100), ("stops.txt", data), ("z.txt", b"z")):
            archive.writestr(name, content)
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo("stops.txt")


def unpacked(path: Path, member: zipfile.ZipInfo, size: int) -> bytes:
    """Return the member read in pieces of at most so many bytes."""
    with path.open("rb") as file:
        reader = Inflated.of(file, member)
        assert reader is not None
        pieces = list(iter(lambda: reader.read(size), b""))
    assert all(len(piece) <= size for piece in pieces)
    return b"".join(pieces)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 2_000), st.integers(1, 5_000))
def test_equals_zipfile(tmp_path: Path, data: bytes, repeated: int, size: int) -> None:
    """Any bytes, none at all and half a megabyte of them, in pieces of any size."""
    path = tmp_path / "feed.zip"
    assert unpacked(path, packed(path, data * repeated), size) == data * repeated


def test_more_than_is_read_at_once(tmp_path: Path) -> None:
    """A member of more packed bytes than are read at once."""
    path = tmp_path / "feed.zip"
    data = b"".join(str(k * 2_654_435_761 % 2**32).encode() for k in range(60_000))
    assert unpacked(path, packed(path, data), 1 << 18) == data


@pytest.mark.parametrize("wrong", [{"CRC": 1}, {"file_size": 999}, {"file_size": 1_001}, {"compress_size": 10}])
def test_odd_members_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    """Another checksum, a length too small or too large, packed bytes that end too soon."""
    path = tmp_path / "feed.zip"
    member = packed(path, bytes(range(250)) * 4)
    for name, value in wrong.items():
        setattr(member, name, value)
    with pytest.raises(OddMemberError):
        unpacked(path, member, 1 << 18)


def test_damaged_bytes_are_refused(tmp_path: Path) -> None:
    """Every single byte of the packed member changed: refused, or by chance the same."""
    path = tmp_path / "feed.zip"
    data = b"stop_id,stop_name\n1,A\n2,B\n" * 8
    member = packed(path, data)
    whole = path.read_bytes()
    start = member.header_offset + 30 + len("stops.txt")
    for at in range(start, start + member.compress_size):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            assert unpacked(path, member, 1 << 18) == data
        except OddMemberError:
            continue


def test_what_it_leaves_to_zipfile(tmp_path: Path) -> None:
    """Stored and encrypted members, a header that is none, and one with another name."""
    path = tmp_path / "feed.zip"
    stored = packed(path, b"x", kind=zipfile.ZIP_STORED)
    with path.open("rb") as file:
        assert Inflated.of(file, stored) is None
    member = packed(path, b"x" * 100)
    for name, value in (("flag_bits", 1), ("header_offset", member.header_offset + 1), ("orig_filename", "a.txt")):
        other = packed(path, b"x" * 100)
        setattr(other, name, value)
        with path.open("rb") as file:
            assert Inflated.of(file, other) is None


def test_members_that_overlap_are_left_to_zipfile(tmp_path: Path) -> None:
    """Two members of the directory begin at one place: the first is, the second has another name there."""
    path = tmp_path / "feed.zip"
    member = packed(path, b"x" * 100)
    assert {*FeedFiles(path)._listed} == {"a.txt", "stops.txt", "z.txt"}
    whole = path.read_bytes()
    at = whole.rindex(b"PK\1\2") + 42  # where the last member begins
    path.write_bytes(whole[:at] + member.header_offset.to_bytes(4, "little") + whole[at + 4 :])
    listed = FeedFiles(path)._listed
    assert {*listed} == {"a.txt", "z.txt"}
    with path.open("rb") as file:
        assert Inflated.of(file, listed["z.txt"]) is None
