"""What every page of the atlas says of its numbers: definition, data and its age, limits, how it is made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed._version import __version__
from railshed.circles.analysis import RESULTS_VERSION
from railshed.circles.definitions import CONVENTION, DIRECTIONS, KINDS, describe_cars, people_words
from railshed.maps.from_network import credits_of, limits_of
from railshed.questions.indicators.agglomerations import CUTOFF_MIN, READING
from railshed.questions.labels import place_name
from railshed.report.atlas.entries import Entry
from railshed.report.atlas.html import PageRenderer
from railshed.report.chapters.opening import GENERAL
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs


@dataclass(frozen=True, slots=True)
class About:
    """The data that an atlas is made from, and the command that makes it."""

    run: AnalysisInputs
    #: how it is made, and checked, again
    again: tuple[str, ...]

    @property
    def dated(self) -> Words:
        """Which timetable, which reading: what stands beneath every title."""
        return phrase("atlas_dated", date=self.run.compiled.date, reading=self.reading, cutoff=CUTOFF_MIN)

    @property
    def reading(self) -> Words:
        """The reading that agglomerations are compared under."""
        reading = self.run.readings[READING]
        return Words(reading.label_zh, reading.label)

    def definition(self, cities: Sequence[Mapping[str, Any]]) -> list[Words]:
        """Return the definition that the circles of cities were computed under, then the words of tables."""
        city, defined = cities[0], [city for city in cities if READING in city["readings"]]
        blocks = [one["readings"][READING] for one in defined] or [city["readings"][city["reading"]]]
        pairs = zip(blocks[0]["definition_zh"], blocks[0]["definition_en"], strict=True)
        lines = [
            Words(zh, en) if all(block["definition_zh"][k] == zh for block in blocks) else phrase("own_windows")
            for k, (zh, en) in enumerate(pairs)
        ]
        lines.append(phrase("direction_is", direction=DIRECTIONS[city["direction"]]))
        named = {KINDS[key]: phrase(f"kind_{key}") for key in ("total", "by_rail", "added_by_rail", "added_by_trains")}
        for one in cities:
            if READING not in one["readings"]:
                named[place_name(one["city"])] = phrase("reading_not_defined", reading=self.reading)
        lines += [phrase("named", name=name, text=text) for name, text in named.items()]
        return [*lines, *GENERAL, CONVENTION, describe_cars(self.run.assumptions, streets=False)["peak"]]

    def data(self) -> Words:
        """Return what the numbers are made from, and of which date."""
        network = self.run.compiled.network
        people = n.MISSING if network.population is None else people_words(network.population_label)
        return phrase(
            "atlas_data", title=Words(network.title, network.title_en or network.title), people=people,
            date=self.run.compiled.date, stations=f"{network.n_stations:,}", trips=f"{network.n_trips:,}",
        )  # fmt: skip

    def closing(self, pen: PageRenderer, entries: Sequence[Entry]) -> str:
        """Return the last part of a page: definition, data, limits, sources and how it is made again."""
        network, cities = self.run.compiled.network, [city for entry in entries for city in entry.cities]
        limits = limits_of(network, people=network.population is not None, streets=False)
        hashes = [f"{city['city']['slug']} {city['definition_hash']}" for city in cities]
        listed = phrase("on_each_page") if len(entries) > 1 else joined([Words(text) for text in hashes], "，", ", ")
        again = phrase("atlas_again", version=__version__, results=RESULTS_VERSION, hashes=listed)
        codes = " ".join(f"<code>{pen.plain(text)}</code>" for text in self.again)
        sources = " · ".join(pen.line(words) for words in credits_of(network))
        return (
            f"<h2>{pen.line(phrase('atlas_definition'))}</h2>\n{pen.items(self.definition(cities), 'terms')}"
            f'<h2>{pen.line(phrase("atlas_sources"))}</h2>\n<p class="small">{pen.stacked(self.data())}</p>\n'
            f'{pen.items(limits, "terms")}<p class="soft">{pen.line(phrase("sources_colon"))}{sources}</p>\n'
            f'<p class="soft">{pen.line(again)}{codes}</p>\n'
        )
