"""What every page of the atlas says of its numbers: definition, data and its age, limits, how it is made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed._version import __version__
from railshed.circles.analysis import RESULTS_VERSION
from railshed.circles.definitions import CONVENTION, DIRECTIONS, KINDS, describe_cars, people_words
from railshed.indicators.agglomerations import CUTOFF_MIN, READING
from railshed.maps.from_network import credits_of, limits_of
from railshed.report.atlas.entries import Entry
from railshed.report.atlas.html import PageRenderer
from railshed.report.chapters.opening import GENERAL, kind_means
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs


#: what alone differs between cities
_OWN_WINDOWS = Words("时段：各城市自有高峰时段", "window: each city's own")


@dataclass(frozen=True, slots=True)
class About:
    """The data that an atlas is made from, and the command that makes it."""

    run: AnalysisInputs
    #: how it is made, and checked, again
    again: tuple[str, ...]

    @property
    def dated(self) -> Words:
        """Which timetable, which reading: what stands beneath every title."""
        date = self.run.compiled.date
        label = self.run.readings[READING].label_zh
        return Words(
            f"{date} 列车时刻 · {label} · 进城 · {CUTOFF_MIN}分钟内",
            f"timetable of {date} · door to station, peak · to the city · within {CUTOFF_MIN} min",
        )

    def definition(self, cities: Sequence[Mapping[str, Any]]) -> list[Words]:
        """Return the definition that the circles of cities were computed under, then the words of tables."""
        city, blocks = cities[0], [city["readings"][READING] for city in cities]
        pairs = zip(blocks[0]["definition_zh"], blocks[0]["definition_en"], strict=True)
        lines = [
            Words(zh, en) if all(block["definition_zh"][k] == zh for block in blocks) else _OWN_WINDOWS
            for k, (zh, en) in enumerate(pairs)
        ]
        way = DIRECTIONS[city["direction"]]
        lines.append(Words(f"方向：{way[0]}", f"direction: {way[1]}"))
        lines += [
            phrase("named", name=Words(*KINDS[key]), text=kind_means(key))
            for key in ("total", "by_rail", "added_by_rail")
        ]
        lines += GENERAL
        lines.append(Words(*CONVENTION))
        lines.append(Words(*describe_cars(self.run.assumptions, streets=False)["peak"]))
        return lines

    def data(self) -> Words:
        """Return what the numbers are made from, and of which date."""
        network = self.run.compiled.network
        label = network.population_label
        known = network.population is not None
        people = Words(people_words(label, "zh"), label) if known else Words("无数据", "no data")
        return Words(
            f"{network.title}；车站{network.n_stations:,}座，车次{network.n_trips:,}列。人口：{people.zh}。结论只适用于"
            "这些日期。",
            f"{network.title_en or network.title}; service day {self.run.compiled.date}; "
            f"{network.n_stations:,} stations, {network.n_trips:,} trips. "
            f"People: {people.en}. What is said holds for these dates.",
        )

    def limits(self) -> list[Words]:
        """Return what the numbers do not say."""
        network = self.run.compiled.network
        return list(limits_of(network, people=network.population is not None, streets=False))

    def closing(self, pen: PageRenderer, entries: Sequence[Entry]) -> str:
        """Return the last part of a page: definition, data, limits, sources and how it is made again."""
        cities = [city for entry in entries for city in entry.cities]
        hashes = [f"{city['city']['slug']} {city['definition_hash']}" for city in cities]
        shown = Words("见各页", "on each page") if len(entries) > 1 else Words("，".join(hashes), ", ".join(hashes))
        again = Words(
            f"railshed {__version__}，结果版本 {RESULTS_VERSION}，定义哈希：{shown.zh}。重做：",
            f"railshed {__version__}, results version {RESULTS_VERSION}, hashes of definitions: {shown.en}. To make it "
            "again: ",
        )
        codes = " ".join(f"<code>{pen.plain(text)}</code>" for text in self.again)
        sources = " · ".join(pen.line(words) for words in credits_of(self.run.compiled.network))
        return (
            f"<h2>{pen.line(Words('口径：每个数字的定义', 'Definition of every number'))}</h2>\n"
            + pen.items(self.definition(cities), "terms")
            + f"<h2>{pen.line(Words('数据、局限与来源', 'Data, limits and sources'))}</h2>\n"
            + f'<p class="small">{pen.stacked(self.data())}</p>\n'
            + pen.items(self.limits(), "terms")
            + f'<p class="soft">{pen.line(Words("来源：", "Sources: "))}{sources}</p>\n'
            + f'<p class="soft">{pen.line(again)}{codes}</p>\n'
        )
