"""The words for what releases hold as ids and numbers, in one region's pack."""

from dataclasses import replace

from bot.review.figures import span
from bot.review.number import How, Number
from bot.review.release import OTHERS, Cell, Kind, Release
from bot.review.web.words import Words
from bot.review.words import Words as SharedWords
from knowledge.model import Pack, Question

FEW = 5  # a rounded 5 stands for 1 to 7


class Names:
    """Every id gets a name; one that the pack no longer knows stays as it is. *shared*: the words of all statistics."""

    def __init__(self, words: Words, shared: SharedWords, pack: Pack) -> None:
        self.words = words
        self.pack = pack
        self.shared = replace(shared, packs={pack.id: pack})

    def number(self, number: Number | None) -> str:
        if number is None:
            return self.words("number_none")
        if number.how is How.ABOUT and number.n == FEW:
            return self.words("number_few")
        return self.words(f"number_{number.how}", n=_grouped(number.n))

    def short(self, number: Number | None) -> str:
        """For charts, beside a note that says what the sign means."""
        if number is not None and number.how is How.LEAST:
            return self.words("number_least_short", n=_grouped(number.n))
        return self.number(number)

    def cell(self, cell: Cell) -> str:
        if cell.value is None:
            return self.words("number_none")
        rough = cell.kind is Kind.ROUNDED and cell.value
        return self.number(Number(cell.value, How.ABOUT if rough else How.EXACT))

    def period(self, period: str) -> str:
        """November 2026, 4. Quartal 2026, KW 47 (16.11.–22.11.2026)."""
        return self.shared.period(period)

    def release(self, release: Release) -> str:
        """The period, and what is special: not all of its weeks, or not the first version."""
        every, special = span(release.period), []
        if len(release.weeks) < every:
            special.append(self.words("weeks_of", n=len(release.weeks), all=every))
        if release.version > 1:
            special.append(self.words("corrected", version=release.version))
        name = self.period(release.period)
        return f"{name} ({', '.join(special)})" if special else name

    def week(self, week: str) -> str:
        return self.words("week", week=int(week[6:]))

    def concern(self, concern: str) -> str:
        if concern == OTHERS:
            return self.shared.texts["rows.uebrige"]
        if not concern:
            return self.words("concern_none")
        return self.pack.concerns[concern].label if concern in self.pack.concerns else concern

    def actor(self, actor: str) -> str:
        return self.pack.actors[actor].short if actor in self.pack.actors else actor

    def column(self, column: str) -> str:
        """The name of an audience or of a kind of statement."""
        return self.shared.column(column)

    def channel(self, channel: str) -> str:
        return self.shared.texts.get(f"channels.{channel}", channel)

    def outcome(self, outcome: str) -> str:
        return self.shared.texts.get(f"rows.{outcome}", outcome)

    def question(self, place: str) -> tuple[str, str]:
        """Flow and question of "flow/question"."""
        flow_id, _, question_id = place.partition("/")
        flow = self.pack.flows.get(flow_id)
        node = flow.nodes.get(question_id) if flow else self.pack.questions.get(question_id)
        return (flow.title.sie if flow else flow_id, node.text.sie if isinstance(node, Question) else question_id)

    def answer(self, place: str) -> str:
        """The label of "question/option"."""
        question_id, _, option_id = place.partition("/")
        option = self.pack.questions[question_id].option(option_id)
        return option.label.sie if option else option_id


def _grouped(n: int) -> str:
    """1.234 as Germans write it."""
    return f"{n:,}".replace(",", ".")
