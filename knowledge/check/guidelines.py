"""The guidelines: every answer leads somewhere, nothing is out of reach, nobody is asked too much."""

from knowledge.check.checker import DATE, OPTIONS, PAYLOAD, QUESTIONS, Checker
from knowledge.flow import paths
from knowledge.model import UNSURE, Flow, Outcome, Question
from knowledge.schema import nearest


def flows(checker: Checker) -> None:
    pack = checker.pack
    for question in pack.questions.values():
        _question(checker, f"question/{question.id}", "", question)
    for flow in pack.flows.values():
        key = f"flow/{flow.id}"
        checker.slug(key, flow.id)
        checker.label(key, flow.title.sie, "title")
        if not isinstance(flow.nodes.get(flow.start), Question):
            checker.at(key, f"starts at '{flow.start}', which is no question{nearest(flow.start, flow.nodes)}", "start")
            continue
        for node in flow.nodes.values():
            place = f"node/{flow.id}/{node.id}"
            checker.slug(place, node.id, "id")
            if isinstance(node, Outcome):
                _outcome(checker, place, node)
                continue
            _question(checker, place, flow.id, node)
            for index, option in enumerate(node.options):
                if option.to not in flow.nodes:
                    what = (
                        f"leads to '{option.to}', which does not exist"
                        if option.to
                        else "leads nowhere; give it a target in 'to'"
                    )
                    checker.at(
                        place,
                        f"option '{option.id}' {what}{nearest(option.to, flow.nodes)}",
                        *_way(checker, place, index, option.id),
                    )
        _reach(checker, flow)


def _question(checker: Checker, key: str, flow: str, question: Question) -> None:
    ids = [option.id for option in question.options]
    if not 2 <= len(ids) <= OPTIONS:
        checker.at(key, f"question '{question.id}' has {len(ids)} options; 2 to {OPTIONS} are allowed", "options")
    if UNSURE not in ids:
        checker.at(key, f"question '{question.id}' lacks the option '{UNSURE}'", "options")
    for text, name in ((question.text.sie, "text"), (question.why.sie, "why")):
        if not text:
            checker.at(key, f"question '{question.id}' has an empty {name}", name)
    for index, option in enumerate(question.options):
        if option.id in ids[:index]:
            checker.at(key, f"question '{question.id}' has the option '{option.id}' twice", "options", index)
        checker.slug(key, option.id, "options", index, "id")
        for label in {option.label.sie, option.label.du}:
            checker.label(key, label, "options", index, "label")
        payload = f"a/{flow}/{question.id}/{option.id}"
        if len(payload.encode()) > PAYLOAD:
            size = len(payload.encode())
            text = f"the button '{payload}' has {size} bytes; at most {PAYLOAD} are allowed: shorten an id"
            checker.at(key, text, "options", index)


def _outcome(checker: Checker, key: str, outcome: Outcome) -> None:
    checker.known(key, "concern", outcome.concern, checker.pack.concerns, "concern")
    if not outcome.advice.sie or not outcome.advice.du:
        checker.at(key, f"outcome '{outcome.id}' has no advice; name the next step", "advice")
    for index, legal in enumerate(outcome.legal):
        if not all(legal.source) or not legal.source:
            checker.at(key, f"the legal basis '{legal.text}' has no source", "legal", index)
        if not DATE.fullmatch(legal.as_of):
            checker.at(
                key,
                f"the legal basis has as_of '{legal.as_of}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown",
                "legal",
                index,
            )


def _reach(checker: Checker, flow: Flow) -> None:
    """No loop, nothing unreachable."""
    seen: set[str] = set()
    trail: list[str] = []

    def visit(node_id: str) -> None:
        node = flow.nodes[node_id]
        seen.add(node_id)
        trail.append(node_id)
        for index, option in enumerate(node.options if isinstance(node, Question) else ()):
            if option.to in trail:
                around = " → ".join([*trail[trail.index(option.to) :], option.to])
                key = f"node/{flow.id}/{node_id}"
                checker.at(key, f"the flow runs in a circle: {around}", *_way(checker, key, index, option.id))
            elif option.to in flow.nodes and option.to not in seen:
                visit(option.to)
        trail.pop()

    visit(flow.start)
    for node_id, node in flow.nodes.items():
        if node_id not in seen:
            kind = "question" if isinstance(node, Question) else "outcome"
            checker.at(f"node/{flow.id}/{node_id}", f"no answer ever leads to the {kind} '{node_id}'")


def _way(checker: Checker, key: str, index: int, option: str) -> tuple[str | int, ...]:
    """Where the target of an option stands: in its list, or in the `to` of a shared question."""
    document, start = checker.places[key]
    return ("options", index, "to") if (*start, "options") in document.lines else ("to", option)


def proof(checker: Checker) -> None:
    """On every path: at most 8 questions. Skipped where the graph itself is broken."""
    if checker.problems:
        return
    for flow in checker.pack.flows.values():
        longest = max((steps for steps, _ in paths(flow)), key=len)
        if len(longest) > QUESTIONS:
            way = " → ".join(question.id for question, _ in longest)
            checker.at(
                f"flow/{flow.id}", f"asks {len(longest)} questions on one path; at most {QUESTIONS} are allowed: {way}"
            )
