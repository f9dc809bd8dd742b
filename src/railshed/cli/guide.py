"""The command `guide`."""

from __future__ import annotations

from pathlib import Path

import railshed
from railshed.api.requests import lang_option
from railshed.util.bilingual import Language
from railshed.util.errors import NotFoundError
from railshed.util.options import Request, option

#: `en` and `zh` hold one Markdown file a topic, under the same names
GUIDE = Path(railshed.__file__).resolve().parent / "guide"
#: the page that lists the others
INDEX = "index"


class GuideRequest(Request):
    """`railshed guide`."""

    topic: str | None = option("Page of the guide; without it the list of pages.", unit="TOPIC")
    lang: Language = lang_option()


def guide(request: GuideRequest) -> None:
    """Print a page of the guide, or the list of its pages; with --lang zh in Chinese."""
    page = find_page(INDEX if request.topic is None else request.topic, request.lang)
    print(page.read_text(encoding="utf-8"), end="")


def find_page(topic: str, lang: Language = "en") -> Path:
    """Return the file of a topic in a language.

    Raises NotFoundError when there is no such topic; the message names the nearest ones.
    """
    topics = {path.stem: path for path in sorted((GUIDE / lang).glob("*.md"))}
    if topic not in topics:
        raise NotFoundError("topic", topic, topics, "`railshed guide` lists all topics.")
    return topics[topic]
