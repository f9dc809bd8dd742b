"""The command `cache`."""

from __future__ import annotations

from dataclasses import dataclass

from railshed.api.requests import json_option, lang_option
from railshed.cli.inputs import answer
from railshed.util.bilingual import Language
from railshed.util.options import Request, option


@dataclass(frozen=True, kw_only=True)
class CacheRequest(Request):
    """`railshed cache`."""

    clear: bool = option("Remove the files of the cache, and nothing else.", "--clear", False)
    as_json: bool = json_option()
    lang: Language = lang_option()


def cache(request: CacheRequest) -> None:
    """Say where networks, streets and cells are stored as read, how much that is, and whether it is used."""
    from railshed.tables.data import cache_screen
    from railshed.util.cache import cache_state, clear_cache

    removed = clear_cache() if request.clear else None
    state = cache_state()
    answer(request, {**state, "removed": removed}, cache_screen(state, removed))
