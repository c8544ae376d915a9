"""Every way through the menu, walked with the real engine: what it asks, how it ends, whom it names.

A way begins with the button of a guideline or of a concern and answers every question in every possible order of
buttons. It breaks if the engine fails, offers other answers than the guideline has, or ends elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.dialogues import START
from handlers import Conversation, Press, Turn, respond
from handlers.refer import responsible
from knowledge.base import Knowledge
from knowledge.flow import walk
from knowledge.model import Audience, Flow, Outcome, Pack, Question

CONTACT = ("phone", "email", "address")
Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way. *start* is the first button ("f/fehlzeiten", "c/attest"); *actors*: the first contact, then plan B.

    *reachable*: one of the actors has a phone number, mail or address that this audience may see.
    """

    region: str
    audience: str
    start: str
    answers: Answers
    outcome: str
    concern: str
    actors: tuple[str, ...]
    reachable: bool
    broken: str = ""

    @property
    def trail(self) -> str:
        return " → ".join([self.start, *(f"{question}: {option}" for question, option in self.answers)])


def ways(knowledge: Knowledge, regions: Sequence[str]) -> Iterator[Way]:
    """All ways of *regions*, for every audience."""
    for region in regions:
        pack = knowledge.pack(region, "de")
        for audience in Audience:
            fresh = Conversation(region=region, audience=audience, greeted=True)
            starts = [f"f/{flow.id}" for flow in pack.flows.values() if audience in flow.audiences]
            starts += [f"c/{concern}" for concern in pack.concerns]
            for start in starts:
                yield from _Walk(knowledge, pack, audience, start).on(fresh, start, ())


class _Walk:
    """The ways behind one button."""

    def __init__(self, knowledge: Knowledge, pack: Pack, audience: Audience, start: str) -> None:
        self.knowledge = knowledge
        self.pack = pack
        self.audience = audience
        self.start = start
        self.flow: Flow | None = pack.flows.get(start.removeprefix("f/"))

    def on(self, conversation: Conversation, press: str, answers: Answers) -> Iterator[Way]:
        try:
            turn = respond(self.knowledge, conversation, Press(press, START))
        except Exception as error:  # noqa: BLE001 - a proof goes on and names every way that fails
            yield self.way(answers, broken=f"{type(error).__name__} after pressing '{press}'")
            return
        asked = [value for button in turn.conversation.offered if (value := button.value).startswith("a/")]
        if complaint := self.complaint(asked, turn, answers):
            yield self.way(answers, turn, broken=complaint)
            return
        if not asked:
            yield self.way(answers, turn)
        for value in asked:
            _, _, question, option = value.split("/")
            yield from self.on(turn.conversation, value, (*answers, (question, option)))

    def complaint(self, asked: Sequence[str], turn: Turn, answers: Answers) -> str:
        """What differs from what the pack says; empty if nothing does."""
        if self.flow:
            node = walk(self.flow, dict(answers)).node
            expected = (
                [f"a/{self.flow.id}/{node.id}/{option.id}" for option in node.options]
                if isinstance(node, Question)
                else []
            )
            if list(asked) != expected:
                return f"'{node.id}' should offer {len(expected)} answers, but offers {len(asked)}"
        if asked:
            return ""
        named = responsible(self.pack, self.concern(answers), self.audience, dict(answers))
        first = named[0].actor if named else self.pack.coordination
        if _actors(turn)[:1] != (first,):
            return f"should end at '{first}', but ends at '{''.join(_actors(turn)[:1]) or 'nobody'}'"
        return "" if named else "nobody is responsible"

    def concern(self, answers: Answers) -> str:
        if self.flow is None:
            return self.start.removeprefix("c/")
        node = walk(self.flow, dict(answers)).node
        return node.concern if isinstance(node, Outcome) else ""

    def way(self, answers: Answers, turn: Turn | None = None, broken: str = "") -> Way:
        outcome = walk(self.flow, dict(answers)).node.id if self.flow and not broken else ""
        actors = _actors(turn) if turn else ()
        reachable = any(self.pack.actors[actor].of_kind(kind, self.audience) for actor in actors for kind in CONTACT)
        return Way(
            self.pack.id,
            self.audience.value,
            self.start,
            answers,
            outcome,
            self.concern(answers) if not broken else "",
            actors,
            reachable,
            broken,
        )


def _actors(turn: Turn) -> tuple[str, ...]:
    """The actor on the card, then those behind its buttons."""
    card = next((reply.card.actor for reply in reversed(turn.replies) if reply.card), None)
    others = [button.value[2:] for button in turn.conversation.offered if button.value.startswith("k/")]
    return (card, *others) if card else ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The ways behind one button for one audience."""

    region: str
    audience: str
    start: str
    ways: tuple[Way, ...]

    @property
    def mean(self) -> float:
        return sum(len(way.answers) for way in self.ways) / len(self.ways)

    @property
    def longest(self) -> Way:
        return max(self.ways, key=lambda way: len(way.answers))

    def numbers(self) -> Mapping[str, object]:
        return {
            "region": self.region,
            "audience": self.audience,
            "start": self.start,
            "paths": len(self.ways),
            "outcomes": len({way.outcome for way in self.ways}),
            "actors": len({actor for way in self.ways for actor in way.actors}),
            "questions_mean": round(self.mean, 2),
            "questions_max": len(self.longest.answers),
            "longest": self.longest.trail,
            "broken": sum(bool(way.broken) for way in self.ways),
            "without_contact": sum(not way.reachable for way in self.ways),
        }


def summaries(found: Sequence[Way]) -> list[Summary]:
    groups: dict[tuple[str, str, str], list[Way]] = {}
    for way in found:
        groups.setdefault((way.region, way.audience, way.start), []).append(way)
    return [Summary(*key, tuple(group)) for key, group in groups.items()]


def told(found: Sequence[Way]) -> Iterator[str]:
    """The proof in words: a line for each guideline and audience, one for all single concerns, then what is amiss."""
    for summary in summaries(found):
        if summary.start.startswith("f/"):
            numbers = summary.numbers()
            yield (
                f"{summary.region} · {summary.audience} · {summary.start[2:]}: {numbers['paths']} paths, "
                f"{numbers['outcomes']} outcomes, {numbers['actors']} actors; "
                f"questions {summary.mean:.1f} on average, {numbers['questions_max']} at most"
            )
    direct = [way for way in found if way.start.startswith("c/")]
    most = max((len(way.answers) for way in direct), default=0)
    yield f"single concerns: {len(direct)} paths; questions {most} at most"
    broken = [way for way in found if way.broken]
    silent = [way for way in found if not way.reachable and not way.broken]
    yield from (f"BROKEN {way.region} · {way.audience} · {way.trail}: {way.broken}" for way in broken)
    yield from _silent(silent)
    yield f"{len(found)} paths, {len(broken)} broken, {len(silent)} without a phone number, mail or address"


def _silent(found: Sequence[Way]) -> Iterator[str]:
    """Ways that end where nobody can be called or written to; a line for all that end alike."""
    ends: dict[tuple[str, ...], list[Way]] = {}
    for way in found:
        ends.setdefault((way.region, way.audience, way.concern, *way.actors), []).append(way)
    for (region, audience, concern, *actors), group in ends.items():
        yield (
            f"no phone, mail or address: {region} · {audience} · {concern} → {', '.join(actors)} "
            f"({len(group)} paths, for example {group[0].trail})"
        )
