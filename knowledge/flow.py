"""Flows as graphs: where a set of answers leads, which ways exist, and how they look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.model import Flow, Option, Outcome, Question


@dataclass(frozen=True, slots=True)
class Walk:
    """How far answers lead: the questions answered on the way, in order, and the node reached.

    The node is the first question without a fitting answer, or an outcome.
    """

    steps: tuple[tuple[Question, Option], ...]
    node: Question | Outcome


def walk(flow: Flow, answers: Mapping[str, str]) -> Walk:
    """Replay *answers* (question id → option id) from the start of *flow*.

    An answer whose option no longer exists stops the walk at its question, so an edited pack asks again.
    """
    node = flow.nodes[flow.start]
    steps: list[tuple[Question, Option]] = []
    while isinstance(node, Question):
        option = node.option(answers[node.id]) if node.id in answers else None
        if option is None:
            break
        steps.append((node, option))
        node = flow.nodes[option.to]
    return Walk(tuple(steps), node)


def paths(flow: Flow) -> Iterator[tuple[tuple[tuple[Question, Option], ...], Outcome]]:
    """Every way from the start to an outcome; finite, because a checked flow has no loop."""

    def extend(
        node: Question | Outcome, steps: tuple[tuple[Question, Option], ...]
    ) -> Iterator[tuple[tuple[tuple[Question, Option], ...], Outcome]]:
        if isinstance(node, Outcome):
            yield steps, node
            return
        for option in node.options:
            yield from extend(flow.nodes[option.to], (*steps, (node, option)))

    yield from extend(flow.nodes[flow.start], ())
