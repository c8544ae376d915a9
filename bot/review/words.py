"""The words of the statistics: from ids to what people read. Texts come from texts/de.yaml, names from the packs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.review import period as calendar
from bot.review.release import OTHERS, Cell, Kind, Release, Row, Running, Table
from knowledge.model import Pack, Question
from knowledge.source import Tree, read

LONGEST = 70  # characters of a question in a table
TEXTS = Path(__file__).parent / "texts" / "de.yaml"


@dataclass(frozen=True, slots=True)
class Words:
    """*texts*: dotted key → text. *packs*: region → pack; an id that no pack knows (any more) is shown as it is."""

    texts: Mapping[str, str]
    packs: Mapping[str, Pack]

    def say(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values)

    def region(self, region: str) -> str:
        return self.packs[region].name if region in self.packs else region

    def period(self, period: str) -> str:
        """November 2026, 4. Quartal 2026, Jahr 2026, KW 47 (16.11.–22.11.2026)."""
        year, _, rest = period.partition("-")
        if rest.startswith("W"):
            day = calendar.thursday(period)
            first, last = day - timedelta(days=3), day + timedelta(days=3)
            return self.say("periods.week", week=int(rest[1:]), first=f"{first:%d.%m.}", last=f"{last:%d.%m.%Y}")
        if rest.startswith("Q"):
            return self.say("periods.quarter", number=rest[1:], year=year)
        if rest:
            return self.say("periods.month", name=self.texts[f"months.{int(rest) - 1}"], year=year)
        return self.say("periods.year", year=year)

    def title(self, release: Release) -> str:
        return self.say("report.name", region=self.region(release.region), period=self.period(release.period))

    def notes(self, release: Release) -> list[str]:
        """What a reader must know about *release*, most important first."""
        weeks, whole = release.weeks, len(calendar.between(release.weeks[0], release.weeks[-1])) == len(release.weeks)
        span = {"count": len(weeks), "first": self.period(weeks[0]), "last": self.period(weeks[-1])}
        return [
            *([self.say("report.sample-note")] if release.synthetic else []),
            self.say("report.weeks" if whole else "report.some-weeks", **span),
            *([self.say("report.version", version=release.version)] if release.version > 1 else []),
        ]

    def running_notes(self, running: Running) -> list[str]:
        """The same for the weeks that are not released."""
        return [*([self.say("report.sample-note")] if running.synthetic else []), self.say("report.running-note")]

    def caption(self, table: Table) -> str:
        return self.say(table.title)

    def sentence(self, table: Table, release: Release) -> str:
        yearly = f"tables.{table.id}.year" if calendar.is_year(release.period) else ""
        return self.texts.get(yearly) or self.say(f"tables.{table.id}.text")

    def head(self, table: Table) -> list[str]:
        return [self.say(f"tables.{table.id}.row"), *(self.column(column) for column in table.columns)]

    def column(self, column: str) -> str:
        for key in (f"audiences.{column}", f"facts.{column}", column):
            if key in self.texts:
                return self.texts[key]
        return column

    def row(self, table: Table, row: Row, region: str) -> str:
        """The name of a line. *region* decides whose pack is asked."""
        pack = self.packs.get(region)
        if row.id == OTHERS or table.id in {"outcomes", "crisis"}:
            return self.texts.get(f"rows.{row.id}", row.id)
        if table.id == "weeks":
            return self.period(row.id)
        if table.id == "channels":
            return self.texts.get(f"channels.{row.id}", row.id)
        if pack is None:
            return row.id
        if table.id == "concerns":
            return pack.concerns[row.id].label if row.id in pack.concerns else row.id
        if table.id == "questions":
            return _question(pack, row.id)
        return pack.actors[row.id].short if row.id in pack.actors else row.id

    def cell(self, cell: Cell, row: Row) -> str:
        if cell.value is None:
            return self.say("cells.merged" if cell.kind is Kind.MERGED and row.id != OTHERS else "cells.hidden")
        if cell.kind is Kind.ROUNDED and cell.value:
            return self.about(cell.value)
        return str(cell.value)

    def about(self, value: int) -> str:
        """A rounded number as people read it: it stands for a range."""
        return self.say("cells.few") if value == 5 else self.say("cells.about", value=value) if value else "0"


def words(packs: Mapping[str, Pack]) -> Words:
    """The German words with the names of *packs*."""
    document, problems = read(TEXTS, "bot/review/texts/de.yaml")
    if document is None or problems:
        raise ValueError(str(problems[0]))
    return Words(dict(_flat(document.tree, "")), packs)


def _flat(tree: Tree, before: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield before, tree
        return
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield from _flat(value, f"{before}.{key}" if before else str(key))


def _question(pack: Pack, row: str) -> str:
    flow_id, _, question_id = row.partition("/")
    flow, question = pack.flows.get(flow_id), pack.questions.get(question_id)
    node = question or (flow.nodes.get(question_id) if flow else None)
    title = flow.title.sie if flow else flow_id
    text = node.text.sie if isinstance(node, Question) else question_id
    return f"{title}: {text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + '…'}"
