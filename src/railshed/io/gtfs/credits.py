"""Sources of a feed, from agency.txt, feed_info.txt and attributions.txt; maps print them."""

from __future__ import annotations

from collections.abc import Mapping

from railshed.io.gtfs.files import FeedFiles

_AGENCIES_NAMED = 4


def feed_credits(feed: FeedFiles, checksums: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """Return the sources of a feed with the keys of network.toml: title, url, licence, files, sha256.

    `read_gtfs` reports problems. `checksums` are those of the feed.
    """
    files, path = FeedFiles(feed.path), feed.path
    agency = _columns(files, "agency.txt", "agency_name", "agency_url")
    info = _columns(files, "feed_info.txt", "feed_publisher_name", "feed_version", "feed_publisher_url", "feed_license")
    names = list(dict.fromkeys(agency["agency_name"]))
    more = f" and {len(names) - _AGENCIES_NAMED} more" if len(names) > _AGENCIES_NAMED else ""
    publisher = info["feed_publisher_name"]
    title = ", ".join(names[:_AGENCIES_NAMED]) + more
    if publisher and publisher[0] not in names:
        title += f" (published by {publisher[0]})" if title else publisher[0]
    urls = info["feed_publisher_url"] or agency["agency_url"]
    source = {
        "title": f"GTFS of {title}" if title else f"GTFS {path.name}",
        "url": (urls or [""])[0],
        "licence": (info["feed_license"] or [""])[0],
        "version": (info["feed_version"] or [""])[0],
        "files": path.name,
        "sha256": checksums[path.name] if path.is_file() else "",
    }
    named = _columns(files, "attributions.txt", "organization_name")["organization_name"]
    others = [{"title": name} for name in dict.fromkeys(named)]
    return ({key: value for key, value in source.items() if value}, *others)


def _columns(files: FeedFiles, name: str, *columns: str) -> dict[str, list[str]]:
    """Return the non-blank values by column."""
    table = files.table(name, [], columns) if name in files else None
    return {column: [] if table is None else [text for text in table.text(column) if text] for column in columns}
