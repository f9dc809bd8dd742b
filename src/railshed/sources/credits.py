"""Who made a feed, for the foot of a map: what agency.txt, feed_info.txt and attributions.txt say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from railshed.errors import InputError
from railshed.sources.feedfiles import FeedFiles
from railshed.store import sha256_file

_AGENCIES_NAMED = 4


def feed_credits(path: Path) -> tuple[Mapping[str, str], ...]:
    """Return the sources of a feed as network.toml words them: title, url, licence, files, sha256.

    Feeds that cannot be read have none: their problems are `read_gtfs`'s.
    """
    try:
        files = FeedFiles(path)
    except InputError:
        return ()
    names = list(dict.fromkeys(_column(files, "agency.txt", "agency_name")))
    more = f" and {len(names) - _AGENCIES_NAMED} more" if len(names) > _AGENCIES_NAMED else ""
    publisher = _column(files, "feed_info.txt", "feed_publisher_name")
    version = _column(files, "feed_info.txt", "feed_version")
    title = ", ".join(names[:_AGENCIES_NAMED]) + more
    if publisher and publisher[0] not in names:
        title += f" (published by {publisher[0]})" if title else publisher[0]
    urls = _column(files, "feed_info.txt", "feed_publisher_url") or _column(files, "agency.txt", "agency_url")
    source = {
        "title": f"GTFS of {title}" if title else f"GTFS {path.name}",
        "url": (urls or [""])[0],
        "licence": (_column(files, "feed_info.txt", "feed_license") or [""])[0],
        "version": (version or [""])[0],
        "files": path.name,
        "sha256": sha256_file(path) if path.is_file() else "",
    }
    others = [{"title": name} for name in dict.fromkeys(_column(files, "attributions.txt", "organization_name"))]
    return ({key: value for key, value in source.items() if value}, *others)


def _column(files: FeedFiles, name: str, column: str) -> list[str]:
    """Return the values of a column that are not blank."""
    table = files.table(name, [column]) if name in files else None
    return [] if table is None else [text for text in table.text(column) if text]
