"""Packs in other languages: the German pack with its wording replaced, and what is missing or outdated.

`i18n/<lang>/` mirrors a pack's files with the same ids and only the wording. Each entry carries `of`, the short hash
of the German it was made from, so that a changed German text is noticed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge.folders import Folder
from knowledge.model import Actor, Answer, Audience, Concern, Flow, Option, Outcome, Pack, Question, Referral, Wording
from knowledge.source import Document, Problem, Tree


def german(value: Concern | Question | Outcome | Actor | Answer) -> dict[str, Any]:
    """The wording of one thing as a plain tree: what a translation has to give."""
    match value:
        case Concern():
            return {"label": value.label, "plain": _words(value.plain)}
        case Question():
            options = {option.id: _words(option.label) for option in value.options}
            return {"text": _words(value.text), "why": _words(value.why), "options": options}
        case Outcome():
            found: dict[str, Any] = {"advice": _words(value.advice)}
            if value.documents:
                found["documents"] = [_words(text) for text in value.documents]
            if value.deadline:
                found["deadline"] = _words(value.deadline)
            if value.note:
                found["note"] = _words(value.note)
            return found
        case Actor():
            found = {"does": {str(key): text for key, text in value.does.items()}}
            if value.first_step:
                found["first_step"] = {str(key): text for key, text in value.first_step.items()}
            if value.have_ready:
                found["have_ready"] = {str(key): list(texts) for key, texts in value.have_ready.items()}
            return found
        case Answer():
            return {"question": value.question, "text": _words(value.text)}


def sources(pack: Pack) -> dict[str, Any]:
    """Key → the German wording, of everything in *pack* that can be translated."""
    found: dict[str, Any] = {f"concern/{key}": german(value) for key, value in pack.concerns.items()}
    found |= {f"question/{key}": german(value) for key, value in pack.questions.items()}
    found |= {f"actor/{key}": german(value) for key, value in pack.actors.items()}
    found |= {f"answer/{value.id}": german(value) for value in pack.answers}
    for concern, lists in pack.referrals.items():
        found[f"referral/{concern}"] = {
            str(key): {entry.actor: entry.why for entry in value} for key, value in lists.items()
        }
    for flow in pack.flows.values():
        found[f"flow/{flow.id}"] = {"title": _words(flow.title)}
        found |= {f"node/{flow.id}/{key}": german(node) for key, node in flow.nodes.items()}
    return found


def stamp(tree: object) -> str:
    """The short hash of a wording."""
    return hashlib.sha256(json.dumps(tree, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:8]


def _words(wording: Wording) -> Any:
    return wording.sie if wording.sie == wording.du else {"sie": wording.sie, "du": wording.du}


@dataclass(frozen=True, slots=True)
class Entry:
    """One translated thing: its tree, and where it stands."""

    tree: Mapping[str, Any]
    document: Document
    at: tuple[str | int, ...]


def entries(line: Sequence[Folder], language: str) -> dict[str, Entry]:
    """All translations of one region by key ("concern/attest", "node/eltern/dauer"); a child replaces its parent's."""
    found: dict[str, Entry] = {}
    for folder in line:
        for name, document in sorted(folder.documents.items()):
            prefix = f"i18n/{language}/"
            if name.startswith(prefix):
                for key, tree, at in _split(name.removeprefix(prefix).removesuffix(".yaml"), document.tree):
                    found[key] = Entry(tree, document, at)
    return found


def _split(name: str, tree: Tree) -> Iterator[tuple[str, Mapping[str, Any], tuple[str | int, ...]]]:
    kinds = {"concerns": "concern", "questions": "question", "answers": "answer"}
    if name in kinds and isinstance(tree, list):
        for index, item in enumerate(tree):
            if isinstance(item, dict):
                yield f"{kinds[name]}/{item.get('id', '')}", item, (index,)
    elif name == "referrals" and isinstance(tree, dict):
        for concern, lists in tree.items():
            if isinstance(lists, dict):
                yield f"referral/{concern}", lists, (concern,)
    elif name.startswith("actors/") and isinstance(tree, dict):
        yield f"actor/{name.removeprefix('actors/')}", tree, ()
    elif name.startswith("flows/") and isinstance(tree, dict):
        flow = name.removeprefix("flows/")
        if "title" in tree:  # a part of a guideline leaves the title to its parent
            yield f"flow/{flow}", tree, ()
        for part in ("questions", "outcomes"):
            items = tree.get(part, [])
            for index, item in enumerate(items if isinstance(items, list) else []):
                if isinstance(item, dict):
                    yield f"node/{flow}/{item.get('id', '')}", item, (part, index)


class Translation:
    """One pack being put into one language."""

    def __init__(self, pack: Pack, found: Mapping[str, Entry], language: str) -> None:
        self.pack = pack
        self.found = found
        self.language = language
        self.sources = sources(pack)
        self.used: set[str] = set()
        self.problems: list[Problem] = []

    def translated(self) -> Pack:
        pack = self.pack
        questions = {key: self.question(value, f"question/{key}") for key, value in pack.questions.items()}
        result = replace(
            pack,
            language=self.language,
            concerns={key: self.concern(value) for key, value in pack.concerns.items()},
            questions=questions,
            flows={key: self.flow(value, questions) for key, value in pack.flows.items()},
            actors={key: self.actor(value) for key, value in pack.actors.items()},
            referrals={key: self.referral(key, value) for key, value in pack.referrals.items()},
            answers=tuple(self.answer(value) for value in pack.answers),
        )
        for key in sorted(set(self.found) - self.used):
            entry = self.found[key]
            self.problem(entry, f"translates '{key}', which does not exist")
        return result

    def problem(self, entry: Entry, text: str, *, warning: bool = False) -> None:
        self.problems.append(Problem(entry.document.file, entry.document.line(entry.at), text, warning))

    def entry(self, key: str) -> Mapping[str, Any]:
        """The translation of *key*, noted as used; problems if it is outdated or of another shape."""
        entry = self.found.get(key)
        if entry is None:
            return {}
        self.used.add(key)
        source = self.sources[key]
        if str(entry.tree.get("of", "")) != stamp(source):
            self.problem(entry, f"'{key}' is outdated or unstamped: the German is now {stamp(source)}", warning=True)
        for name in entry.tree:
            if name not in {*source, "id", "of", "short", "title", "questions", "outcomes"}:
                self.problem(entry, f"'{key}' has the unknown part '{name}'")
        return entry.tree

    def concern(self, value: Concern) -> Concern:
        tree = self.entry(f"concern/{value.id}")
        return replace(value, label=str(tree.get("label", value.label)), plain=_wording(tree.get("plain"), value.plain))

    def question(self, value: Question, key: str) -> Question:
        tree = self.entry(key)
        labels = tree.get("options", {})
        options = tuple(
            replace(option, label=_wording(labels.get(option.id), option.label)) for option in value.options
        )
        return replace(
            value,
            text=_wording(tree.get("text"), value.text),
            why=_wording(tree.get("why"), value.why),
            options=options,
        )

    def flow(self, value: Flow, shared: Mapping[str, Question]) -> Flow:
        tree = self.entry(f"flow/{value.id}")
        nodes: dict[str, Question | Outcome] = {}
        for key, node in value.nodes.items():
            if isinstance(node, Outcome):
                nodes[key] = self.outcome(node, f"node/{value.id}/{key}")
            elif key in shared and f"node/{value.id}/{key}" not in self.found:
                nodes[key] = _labelled(node, shared[key])
            else:
                nodes[key] = self.question(node, f"node/{value.id}/{key}")
        return replace(value, title=_wording(tree.get("title"), value.title), nodes=nodes)

    def outcome(self, value: Outcome, key: str) -> Outcome:
        tree = self.entry(key)
        documents = tree.get("documents", [])
        return replace(
            value,
            advice=_wording(tree.get("advice"), value.advice),
            documents=tuple(
                _wording(documents[index] if index < len(documents) else None, text)
                for index, text in enumerate(value.documents)
            ),
            deadline=_wording(tree.get("deadline"), value.deadline) if value.deadline else None,
            note=_wording(tree.get("note"), value.note) if value.note else None,
        )

    def actor(self, value: Actor) -> Actor:
        tree = self.entry(f"actor/{value.id}")
        ready = tree.get("have_ready", {})
        return replace(
            value,
            short=str(tree.get("short", value.short)),
            does={key: str(tree.get("does", {}).get(str(key), text)) for key, text in value.does.items()},
            first_step={
                key: str(tree.get("first_step", {}).get(str(key), text)) for key, text in value.first_step.items()
            },
            have_ready={key: tuple(ready.get(str(key), texts)) for key, texts in value.have_ready.items()},
        )

    def referral(
        self, concern: str, lists: Mapping[Audience, tuple[Referral, ...]]
    ) -> dict[Audience, tuple[Referral, ...]]:
        tree = self.entry(f"referral/{concern}")
        return {
            audience: tuple(
                replace(entry, why=str(tree.get(str(audience), {}).get(entry.actor, entry.why))) for entry in listed
            )
            for audience, listed in lists.items()
        }

    def answer(self, value: Answer) -> Answer:
        tree = self.entry(f"answer/{value.id}")
        return replace(
            value, question=str(tree.get("question", value.question)), text=_wording(tree.get("text"), value.text)
        )


def _labelled(node: Question, shared: Question) -> Question:
    labels = {option.id: option.label for option in shared.options}
    options: tuple[Option, ...] = tuple(replace(option, label=labels[option.id]) for option in node.options)
    return replace(node, text=shared.text, why=shared.why, options=options)


def _wording(tree: Any, fallback: Wording) -> Wording:
    if isinstance(tree, str):
        return Wording(tree, tree)
    if isinstance(tree, dict) and set(tree) == {"sie", "du"}:
        return Wording(str(tree["sie"]), str(tree["du"]))
    return fallback
