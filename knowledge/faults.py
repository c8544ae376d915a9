"""Seeded faults: mistakes as people make them, put into a copy of a pack in memory; does `check` find them?"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import islice, zip_longest

from knowledge import schema
from knowledge.folders import Folder
from knowledge.load import examine_folders
from knowledge.model import Pack
from knowledge.schema import typed
from knowledge.source import Problem, parse

LISTED = ("concerns", "questions", "answers", "referrals")
LEFT_OUT = ("i18n/", "danger/")  # translations and danger rules: slow to read, and no city writes them


@dataclass(frozen=True, slots=True)
class Mistake:
    """Replace a match of *find* in a file like *files* by *put*.

    The report is due at the match (at the group "at", if there is one), *below* lines further, or at the last line
    before it that begins like *above*; with *anywhere*, at every line that names the id in the group "id".
    """

    name: str
    files: str
    find: str
    put: str
    below: int = 0
    above: str = ""
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake made: the new text of *file*, and where the report is due. An empty text deletes the file."""

    name: str
    file: str
    line: int
    text: str
    named: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.name}"


TOO_LONG = "Diese Antwort ist viel zu lang für einen Knopf"
PHONE = r"(?P<a>kind: phone\n(?:    label: .*\n)?)(?P<at>    value: ).*$"

MISTAKES = (
    # pack.yaml
    Mistake("unknown parent", "pack.yaml", r"^extends: (\w+)", r"extends: \1x"),
    Mistake("misspelt actor", "pack.yaml", r"^(coordination|switchboard|crisis_line): (\w+)", r"\1: \2x"),
    Mistake("misspelt key", "pack.yaml", r"^name:", "nane:"),
    Mistake("misspelt actor", "pack.yaml", r"^crisis_lines: \[", "crisis_lines: [x"),
    # actors
    Mistake("letter in a phone number", "actors/*", PHONE, r"\g<a>    value: 0231 5O10017"),
    Mistake("phone number cut off", "actors/*", PHONE, r"\g<a>    value: 02"),
    Mistake("bad date", "actors/*", r"as_of: .*", "as_of: letztes Jahr"),
    Mistake("missing source", "actors/*", r"^    source: .*\n", "", above="  - "),
    Mistake("wrong kind of fact", "actors/*", r"kind: (role|phone|web|address)", r"kind: \1e"),
    Mistake("misspelt key", "actors/*", r"^(aliases|facts|does|short):", r"\1x:"),
    Mistake("misspelt key", "actors/*", r"^    (as_of|value):", r"    \1x:"),
    Mistake("wrong audience", "actors/*", r"audiences: \[", "audiences: [lehrer, "),
    Mistake("duplicate key", "actors/*", r"^(name: .*)$", r"\1\n\1", below=1),
    Mistake("anchor", "actors/*", r"^short: (.*)$", r"short: &k \1"),
    Mistake("alias", "actors/*", r"^short: .*$", "short: *k"),
    Mistake("tab", "actors/*", r"^short: ", "short:\n\t", below=1),
    Mistake("short name too long", "actors/*", r"^short: .*$", f"short: {TOO_LONG}"),
    Mistake("bad mail", "actors/*", r"^(    value: \S+)@(\S+\.\w+)$", r"\1(at)\2"),
    Mistake("bad opening time", "actors/*", r"-(Do|Fr|Sa|So) \d\d:00", r"-\1 9"),
    Mistake("unknown option", "actors/*", r"^  (stufe|schulform): \[", r"  \1: [x"),
    # referrals.yaml
    Mistake("misspelt actor", "referrals.yaml", r"actor: (\w)", r"actor: x\1"),
    Mistake("misspelt key", "referrals.yaml", r"\bwhy:", "wy:"),
    Mistake("misspelt audience", "referrals.yaml", r"^  (teacher|parent|student):", r"  \1s:"),
    Mistake("misspelt concern", "referrals.yaml", r"^([a-z][a-z-]+):", r"\1x:"),
    Mistake("dropped referral", "referrals.yaml", r"^  \w+:\n(?:    .*\n)+", "", above=r"[a-z]"),
    Mistake("dropped concern", "referrals.yaml", r"^(?P<id>[a-z-]+):\n(?:  .*\n)+", "", anywhere=True),
    Mistake("duplicate key", "referrals.yaml", r"^(?P<a>[a-z-]+:\n)(?=  )", r"\g<a>\g<a>", below=1),
    # flows
    Mistake("misspelt concern", "flows/*", r"concern: (\w+)", r"concern: \1x"),
    Mistake("missing target", "flows/*", r"\bto: [a-z0-9-]+", "to: gibt-es-nicht"),
    Mistake("dead end", "flows/*", r", to: [a-z0-9-]+", ""),
    Mistake("circle", "flows/*", r"\bto: [a-z0-9-]+", "to: {start}"),
    Mistake("unknown key", "flows/*", r"^    advice:", "    advise:"),
    Mistake("label too long", "flows/*", r"label: [^,}{]+(?=, to)", f"label: {TOO_LONG}"),
    Mistake("wrong urgency", "flows/*", r"urgency: \w+", "urgency: bald"),
    Mistake("duplicate key", "flows/*", r"^(start: .*)$", r"\1\n\1", below=1),
    Mistake("start is no question", "flows/*", r"^start: .*$", "start: gibt-es-nicht"),
    Mistake("no way out", "flows/*", r"^ *- \{id: weiss-nicht, .*\n", "", above=r" *options:"),
    Mistake("unknown shared question", "flows/*", r"- id: (\w+)(?=\n    shared: true)", r"- id: \1x"),
    Mistake("shared way missing", "flows/*", r"\{bis-6: [a-z0-9-]+, ", "{"),
    # concerns, questions, answers
    Mistake("unknown flow", "concerns.yaml", r"\b(teacher|parent|student): (\w+)(?=[,}])", r"\1: \2x"),
    Mistake("wrong urgency", "concerns.yaml", r"urgency: \w+", "urgency: bald"),
    Mistake("missing label", "concerns.yaml", r"^  label: .*\n", "", above="- "),
    Mistake("duplicate id", "concerns.yaml", r"(?<!\A)(?<=\n)- id: [a-z-]+", "- id: {first}"),
    Mistake("misspelt key", "questions.yaml", r"^  (text|why|options):", r"  \1x:"),
    Mistake("no way out", "questions.yaml", r"id: (?P<id>weiss-nicht)", "id: weiss-niht", anywhere=True),
    Mistake("unknown concern", "answers.yaml", r"concern: (\w+)", r"concern: \1x"),
    Mistake("unknown actor", "answers.yaml", r"actors: \[", "actors: [x"),
    Mistake("answer without source", "answers.yaml", r"source: [^,]+, ", ""),
    Mistake("bad date", "answers.yaml", r'as_of: "?[\w-]+"?', "as_of: 12/2022"),
    # the bot's own words
    Mistake("unknown text", "texts/de.yaml", r"^(\w+)_button:", r"\1_knopf:"),
    Mistake("placeholder lost", "texts/de.yaml", r"\{[a-z]+\}", "etwas", above=r"[a-z_]+:"),
    Mistake("unknown command", "words.yaml", r"^(help|back|restart):\n", "\\1: ja\nx:\n"),
)


def slim(found: Mapping[str, Folder]) -> dict[str, Folder]:
    """The folders without what is slow to read and does not matter here."""
    return {pack: _with(folder, ()) for pack, folder in found.items()}


def seeded(found: Mapping[str, Folder], pack: str, region: Pack, limit: int) -> list[Fault]:
    """At most *limit* faults in the folder *pack*, of all kinds alike, spread over its files."""
    texts = {
        name: (found[pack].path / name).read_text("utf-8")
        for name in found[pack].documents
        if not name.startswith(LEFT_OUT)
    }
    kinds = [list(_faults(mistake, pack, texts, region)) for mistake in MISTAKES]
    parents = {name for above in region.chain[: region.chain.index(pack)] for name in found[above].documents}
    kinds.append(list(_deleted(pack, {name: text for name, text in texts.items() if name not in parents}, region)))
    spread = [_spread(kind, limit) for kind in kinds if kind]
    return list(islice((fault for row in zip_longest(*spread) for fault in row if fault), limit))


def caught(found: Mapping[str, Folder], fault: Fault, before: Container[Problem] = ()) -> list[Problem]:
    """The errors that `check` reports for *fault* where it is, but not those of *before*; empty if it is missed."""
    pack, name = fault.file.split("/", 1)
    document, problems = parse(fault.text, fault.file) if fault.text else (None, [])
    folder = found[pack]
    documents = {key: value for key, value in folder.documents.items() if key != name}
    changed = replace(folder, documents={**documents, **({name: document} if document else {})})
    if document and name == "pack.yaml":
        head, more = typed(schema.PackFile, document.tree, document)
        problems += more
        changed.pack = head or changed.pack
    errors = examine_folders({**found, pack: changed}, problems).errors
    return [one for one in errors if one not in before and _told(one, fault)]


def _told(problem: Problem, fault: Fault) -> bool:
    if fault.named:
        return re.search(rf"\b{re.escape(fault.named)}\b", problem.text) is not None
    return (problem.file, problem.line) == (fault.file, fault.line)


def _with(folder: Folder, problems: Sequence[Problem]) -> Folder:
    kept = {name: document for name, document in folder.documents.items() if not name.startswith(LEFT_OUT)}
    return replace(folder, documents=kept, problems=list(problems))


def _faults(mistake: Mistake, pack: str, texts: Mapping[str, str], region: Pack) -> Iterator[Fault]:
    for name, text in texts.items():
        if not fnmatchcase(name, mistake.files if "*" not in mistake.files else f"{mistake.files}.yaml"):
            continue
        for match in re.finditer(mistake.find, text, flags=re.MULTILINE):
            put = _filled(mistake.put, name, text, region)
            changed = text[: match.start()] + match.expand(put) + text[match.end() :]
            if changed != text and _holds(name, text[: match.end()], f"{pack}/{name}", region):
                named = match["id"] if mistake.anywhere else ""
                yield Fault(mistake.name, f"{pack}/{name}", _due(mistake, match, text), changed, named)


def _holds(name: str, before: str, file: str, region: Pack) -> bool:
    """Whether what stands at the end of *before* is used in the region, not replaced by a child."""
    folder, _, stem = name.removesuffix(".yaml").partition("/")
    heads = {"flows": r"^  - (?:\{ *)?id: ([\w-]+)", "referrals": r"^([\w-]+):"}
    ids = re.findall(heads.get(folder, r"^- (?:\{ *)?id: ([\w-]+)"), before, re.MULTILINE)
    key = {
        "actors": f"actor/{stem}",
        "flows": f"node/{stem}/{ids[-1]}" if ids else f"flow/{stem}",
        **({kind: f"{kind.removesuffix('s')}/{ids[-1]}" for kind in LISTED} if ids else {}),
    }.get(folder)
    return key is None or region.origin.get(key, file).startswith(f"{file}:")


def _filled(put: str, name: str, text: str, region: Pack) -> str:
    """The place holders of a replacement: the flow's start, the first id of a list."""
    if "{start}" in put:
        flow = region.flows[name.removeprefix("flows/").removesuffix(".yaml")]
        return put.replace("{start}", flow.start)
    if "{first}" in put:
        first = re.search(r"^- id: ([a-z-]+)", text, re.MULTILINE)
        return put.replace("{first}", first[1] if first else "")
    return put


def _due(mistake: Mistake, match: re.Match[str], text: str) -> int:
    """The line where the report is due."""
    start = match.start("at") if "at" in match.groupdict() else match.start()
    before = text[:start].splitlines()
    if mistake.above:
        lines = [number for number, line in enumerate(before, 1) if re.match(mistake.above, line)]
        return lines[-1] if lines else 1
    return text.count("\n", 0, start) + 1 + mistake.below


def _deleted(pack: str, texts: Mapping[str, str], region: Pack) -> Iterator[Fault]:
    """Actors and flows that others name and no parent has, deleted."""
    lists = [entries for lists in region.referrals.values() for entries in lists.values()]
    named = {entry.actor for entries in lists for entry in entries}
    opened = {flow for concern in region.concerns.values() for flow in concern.flows.values()}
    for name in texts:
        folder, _, stem = name.removesuffix(".yaml").partition("/")
        if (folder, stem in named) == ("actors", True) and region.origin[f"actor/{stem}"].startswith(f"{pack}/"):
            yield Fault("deleted actor", f"{pack}/{name}", 1, "", stem)
        elif (folder, stem in opened) == ("flows", True) and region.origin[f"flow/{stem}"].startswith(f"{pack}/"):
            yield Fault("deleted flow", f"{pack}/{name}", 1, "", stem)


def _spread(items: Sequence[Fault], limit: int) -> Iterable[Fault]:
    """At most *limit* of *items*, from the whole length: the same ones every time."""
    step = max(1, len(items) // limit)
    return [items[index] for index in range(0, len(items), step)][:limit]
