"""What `railshed guide` does: find a page of the user's guide and print it as written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from railshed.util.errors import NotFoundError

if TYPE_CHECKING:
    from railshed.util.bilingual import Language

#: `en` and `zh` hold one Markdown file a topic, under the same names
GUIDE = Path(__file__).resolve().parents[1] / "guide"
#: the page that lists the others
INDEX = "index"


def run_guide(topic: str | None, *, lang: Language) -> None:
    """Print the page of a topic, or the list of topics."""
    print(find_page(INDEX if topic is None else topic, lang).read_text(encoding="utf-8"), end="")


def find_page(topic: str, lang: Language = "en") -> Path:
    """Return the file of a topic in a language, the English one where the language has none.

    Raises
    ------
    NotFoundError
        When there is no such topic; the message names the nearest ones.
    """
    topics = {path.stem: path for path in sorted((GUIDE / "en").glob("*.md"))}
    if topic not in topics:
        raise NotFoundError("topic", topic, topics, "`railshed guide` lists all topics.")
    page = GUIDE / lang / f"{topic}.md"
    return page if page.is_file() else topics[topic]
