"""One region from its chain of pack folders: merged whole entry by whole entry, typed, with the origin of each."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from knowledge import schema
from knowledge.calendar import PublicHolidays
from knowledge.dates import Date
from knowledge.districts import District
from knowledge.folders import Folder
from knowledge.model import VALID_MONTHS, Actor, Answer, Concern, Flow, Outcome, Pack, Question
from knowledge.rows import FILE
from knowledge.schema import nearest, typed
from knowledge.schools import NEEDED, School
from knowledge.source import Document, Problem, Tree

V = TypeVar("V")


class Resolver:
    """One region: its chain of folders merged, whole entry by whole entry, and typed."""

    def __init__(self, line: Sequence[Folder]) -> None:
        self.line = line
        self.problems: list[Problem] = []
        self.origin: dict[str, str] = {}
        self.places: dict[str, tuple[Document, tuple[str | int, ...]]] = {}
        self.replaced: dict[str, list[str]] = {}  # where the same thing stands in the parents, root first

    def pack(self) -> Pack:
        leaf = self.line[-1]
        for folder in self.line:
            head = folder.documents.get("pack.yaml") or Document(f"{folder.id}/pack.yaml", {}, {})
            self.place(f"pack/{folder.id}", head, ())
        questions = self.listed("questions", "question", Question)
        return Pack(
            id=leaf.id,
            name=leaf.pack.name,
            language="de",
            chain=tuple(folder.id for folder in self.line),
            place=leaf.pack.place,
            land=self.inherited("land"),
            coordination=self.inherited("coordination"),
            switchboard=self.inherited("switchboard"),
            crisis_line=self.inherited("crisis_line"),
            crisis_lines=next((lines for folder in reversed(self.line) if (lines := folder.pack.crisis_lines)), ()),
            actors=self.filed("actors", "actor", Actor),
            concerns=self.listed("concerns", "concern", Concern),
            questions=questions,
            flows=self.flows(questions),
            referrals=self.referrals(),
            answers=tuple(self.listed("answers", "answer", Answer).values()),
            schools=self.schools(),
            districts=self.listed("districts", "district", District),
            dates=self.listed("dates", "date", Date),
            holidays=PublicHolidays(self.inherited("land")),
            origin=self.origin,
            valid_months=self.valid_months(),
        )

    def valid_months(self) -> int:
        return next((months for folder in reversed(self.line) if (months := folder.pack.valid_months)), VALID_MONTHS)

    def inherited(self, name: str) -> str:
        return next((value for folder in reversed(self.line) if (value := getattr(folder.pack, name))), "")

    def place(self, key: str, document: Document, at: tuple[str | int, ...]) -> None:
        if key in self.origin:
            self.replaced.setdefault(key, []).append(self.origin[key])
        self.places[key] = (document, at)
        self.origin[key] = f"{document.file}:{document.line(at)}"

    def typed(self, shape: type[V], tree: Tree, document: Document, at: tuple[str | int, ...] = ()) -> V | None:
        value, problems = typed(shape, tree, document, at)
        self.problems.extend(problems)
        return value

    def filed(self, folder: str, kind: str, shape: type[V]) -> dict[str, V]:
        """One thing a file; the file name is the id."""
        result: dict[str, V] = {}
        for pack in self.line:
            for stem, document in pack.within(folder).items():
                if not isinstance(document.tree, dict):
                    self.problems.append(Problem(document.file, 1, "must be a block of 'key: value' lines"))
                    continue
                value = self.typed(shape, {"id": stem, **document.tree}, document)
                if value is not None:
                    result[stem] = value
                    self.place(f"{kind}/{stem}", document, ())
        return result

    def listed(self, name: str, kind: str, shape: type[V]) -> dict[str, V]:
        """Several things in one file, each with its id."""
        result: dict[str, V] = {}
        for pack in self.line:
            document = pack.documents.get(f"{name}.yaml")
            if document is None:
                continue
            if not isinstance(document.tree, list):
                self.problems.append(Problem(document.file, 1, "must be a list (lines that start with '- ')"))
                continue
            seen: set[str] = set()
            for index, tree in enumerate(document.tree):
                item_id = str(tree.get("id", "")) if isinstance(tree, dict) else ""
                if item_id in seen:
                    self.problems.append(
                        Problem(document.file, document.line((index,)), f"has the id '{item_id}' twice")
                    )
                seen.add(item_id)
                value = self.typed(shape, tree, document, (index,))
                if value is not None:
                    result[item_id] = value
                    self.place(f"{kind}/{item_id}", document, (index,))
        return result

    def schools(self) -> dict[str, School]:
        """Every row of the schools.csv files. They can be many, and every cell is text: nothing is left to validate."""
        result: dict[str, School] = {}
        for pack in self.line:
            document = pack.documents.get(FILE)
            if document is None:
                continue
            seen: set[str] = set()
            rows: Any = document.tree
            for index, row in enumerate(rows):
                school = School(**{**dict.fromkeys(NEEDED, ""), **row})
                if school.id in seen:
                    line = document.line((index,))
                    self.problems.append(Problem(document.file, line, f"has the id '{school.id}' twice"))
                seen.add(school.id)
                result[school.id] = school
                self.place(f"school/{school.id}", document, (index,))
        return result

    def referrals(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for pack in self.line:
            document = pack.documents.get("referrals.yaml")
            if document is None:
                continue
            if (value := self.typed(schema.ReferralsFile, document.tree, document)) is None:  # type: ignore[type-abstract]
                continue
            for concern, lists in value.items():
                result[concern] = lists
                self.place(f"referral/{concern}", document, (concern,))
        return result

    def flows(self, shared: Mapping[str, Question]) -> dict[str, Flow]:
        """Every guideline; a file without `start` replaces single questions and outcomes of its parent's."""
        result: dict[str, Flow] = {}
        for pack in self.line:
            for stem, document in pack.within("flows").items():
                tree, parent = self.filled(document, shared), result.get(stem)
                part = parent is not None and isinstance(tree, dict) and "start" not in tree
                value = self.typed(schema.FlowFile, _completed(tree, parent) if part else tree, document)
                if value is None:
                    continue
                nodes = {**(parent.nodes if part and parent else {}), **self.nodes(stem, value, document)}
                result[stem] = Flow(
                    id=stem, title=value.title, audiences=value.audiences, start=value.start, nodes=nodes
                )
                if not part:
                    self.place(f"flow/{stem}", document, ())
        return result

    def nodes(self, stem: str, value: schema.FlowFile, document: Document) -> dict[str, Question | Outcome]:
        """The questions and outcomes of one file, each with its place."""
        nodes: dict[str, Question | Outcome] = {}
        parts: list[tuple[str, Sequence[Question | Outcome]]] = [
            ("questions", value.questions),
            ("outcomes", value.outcomes),
        ]
        for kind, items in parts:
            for index, node in enumerate(items):
                if node.id in nodes:
                    line = document.line((kind, index))
                    self.problems.append(Problem(document.file, line, f"has the id '{node.id}' twice"))
                nodes[node.id] = node
                self.place(f"node/{stem}/{node.id}", document, (kind, index))
        return nodes

    def filled(self, document: Document, shared: Mapping[str, Question]) -> Tree:
        """The flow's tree with each `shared: true` question written out."""
        if not isinstance(document.tree, dict) or not isinstance(document.tree.get("questions"), list):
            return document.tree
        questions: list[Tree] = []
        for index, tree in enumerate(document.tree["questions"]):
            if not isinstance(tree, dict) or tree.get("shared") != "true":
                questions.append(tree)
                continue
            line = document.line(("questions", index))
            question = shared.get(str(tree.get("id", "")))
            ways = tree.get("to")
            if question is None:
                self.problems.append(
                    Problem(
                        document.file,
                        line,
                        f"there is no shared question '{tree.get('id', '')}'{nearest(str(tree.get('id', '')), shared)}",
                    )
                )
            elif not isinstance(ways, dict) or set(tree) != {"id", "shared", "to"}:
                self.problems.append(
                    Problem(
                        document.file, line, "a shared question has exactly the keys id, shared and to (option: target)"
                    )
                )
            else:
                known = {option.id for option in question.options}
                for wrong in sorted(set(ways) ^ known):
                    where = document.line(("questions", index, "to", wrong))
                    what = (
                        f"has no option '{wrong}'{nearest(wrong, known)}"
                        if wrong in ways
                        else f"lacks the way for the option '{wrong}'"
                    )
                    self.problems.append(Problem(document.file, where, f"shared question '{question.id}' {what}"))
                questions.append(_written_out(question, ways))
        return {**document.tree, "questions": questions}


def _completed(tree: Tree, parent: Flow | None) -> Tree:
    """A part of a guideline with what it leaves to its parent."""
    if parent is None or not isinstance(tree, dict):
        return tree
    title: Tree = {"sie": parent.title.sie, "du": parent.title.du}
    audiences: list[Tree] = [str(audience) for audience in parent.audiences]
    kept: dict[str, Tree] = {"title": title, "audiences": audiences, "start": parent.start}
    return {**kept, "questions": [], "outcomes": [], **tree}


def _written_out(question: Question, ways: Mapping[str, Tree]) -> Tree:
    def words(value: Any) -> Tree:
        return {"sie": value.sie, "du": value.du}

    return {
        "id": question.id,
        "text": words(question.text),
        "why": words(question.why),
        "options": [
            {"id": option.id, "label": words(option.label), "to": ways.get(option.id, ""), "cues": list(option.cues)}
            for option in question.options
        ],
    }
