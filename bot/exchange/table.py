"""The directory as a table: CSV, one row an actor; how a city enters its first actors. Columns: docs/exchange.md."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.exchange.admit import Incoming, admit, fault, twice
from bot.exchange.shared import KINDS, shared
from knowledge.model import Actor, Audience, Fact
from knowledge.schema import nearest
from knowledge.source import Problem, Tree

PLAIN = ("id", "name", "short", "kind", "audiences", "aliases")
SAID = ("does", "first_step", "have_ready")
COLUMNS = (
    *PLAIN,
    *("phone", "email", "web", "address", "hours"),
    *("source", "as_of"),
    *(f"{name}_{audience}" for name in SAID for audience in Audience),
    "eligibility",
    *(kind for kind in KINDS if kind not in {"phone", "email", "web", "address", "hours"}),
)
NEEDED = ("id", "name", "kind", "audiences")
PARTS = ("label", "as_of", "valid_until", "source", "opens", "audiences", "unsure")
"""What may stand behind the value of a fact, each as ` | name=…`; unsure stands alone."""

DELIMITER = ";"  # what spreadsheets in German write and expect; a comma is read as well
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\0]")  # spreadsheets run what begins so
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "|": "\\|"}


class _UnreadableError(Exception):
    def __init__(self, line: int, reason: csv.Error) -> None:
        super().__init__(str(reason))
        self.line = line


def export(actors: Iterable[Actor]) -> str:
    """The public part of *actors*, in their order. With a byte order mark, by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for actor in actors:
        row = _row(shared(actor))
        writer.writerow([_guarded(row.get(column, "")) for column in COLUMNS])
    return f"\ufeff{text.getvalue()}"


def read(text: str, file: str) -> tuple[list[Incoming], list[Problem]]:
    """The actors in the CSV *text*; every problem with its line. Rows that begin with # are skipped."""
    arrived: list[Incoming] = []
    problems: list[Problem] = []
    for line, row, complaint in _rows(text):
        if complaint:
            problems.append(Problem(file, line, complaint))
            continue
        tree, complaints = _tree(row)
        problems += [Problem(file, line, text) for text in complaints]
        incoming, more = admit(tree, file, line)
        problems += more
        if incoming:
            problems += [incoming.problem(text) for fact in incoming.actor.facts if (text := fault(fact))]
            arrived.append(incoming)
    return arrived, [*problems, *twice(arrived)]


def _row(actor: Actor) -> dict[str, str]:
    row = {"id": actor.id, "name": actor.name, "short": actor.short, "kind": actor.kind}
    row["audiences"] = ", ".join(actor.audiences)
    row["aliases"] = _listed(actor.aliases)
    for audience in Audience:
        row[f"does_{audience}"] = actor.does.get(audience, "")
        row[f"first_step_{audience}"] = actor.first_step.get(audience, "")
        row[f"have_ready_{audience}"] = _listed(actor.have_ready.get(audience, ()))
    row["eligibility"] = "\n".join(f"{key}={', '.join(options)}" for key, options in actor.eligibility.items())
    origins = Counter((fact.source, fact.as_of) for fact in actor.facts if len(fact.source) == 1)
    usual = origins.most_common(1)[0][0] if origins else ((), "")
    row["source"], row["as_of"] = "".join(usual[0]), usual[1]
    for kind in KINDS:
        row[kind] = "\n".join(_fact(fact, usual) for fact in actor.facts if fact.kind == kind)
    return row


def _fact(fact: Fact, usual: tuple[Sequence[str], str]) -> str:
    """ "0231 5010017 | label=Hotline": source and date only where they are not those of the row."""
    source, as_of = usual
    parts = [_escaped(fact.value)]
    parts += [f"label={_escaped(fact.label)}"] if fact.label else []
    parts += [f"as_of={_escaped(fact.as_of)}"] if fact.as_of != as_of else []
    parts += [f"valid_until={fact.valid_until}"] if fact.valid_until else []
    parts += [f"source={_escaped(one)}" for one in fact.source] if fact.source != source else []
    parts += [f"opens={', '.join(fact.opens)}"] if fact.opens else []
    parts += [f"audiences={', '.join(fact.audiences)}"] if fact.audiences else []
    return " | ".join([*parts, "unsure"] if fact.unsure else parts)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str], str]]:
    """Line, cells by column, and what is wrong with the row as a whole."""
    found = _cells(text.removeprefix("\ufeff"))
    try:
        _, columns = next(found, (1, []))
        columns = [column.strip() for column in columns]
        if complaint := _header(columns):
            yield 1, {}, complaint
            return
        for line, cells in found:
            surplus = len(cells) - len(columns)
            wrong = (
                f"has {surplus} cells more than the header has columns; put quotes around a cell with a '{DELIMITER}'"
            )
            yield line, dict(zip(columns, map(_bare, cells), strict=False)), wrong if surplus > 0 else ""
    except _UnreadableError as error:
        yield error.line, {}, f"cannot be read as CSV ({error}); a quote within a cell is written twice"


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line where it begins, without empty ones and comments."""
    header = text.partition("\n")[0]
    delimiter = DELIMITER if DELIMITER in header or "," not in header else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cells) and not cells[0].startswith("#"):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _UnreadableError(line, error) from None


def _header(columns: Sequence[str]) -> str:
    if not columns:
        return f"is empty; the first line names the columns: {DELIMITER.join(NEEDED)}{DELIMITER}…"
    unknown = [column for column in columns if column not in COLUMNS]
    lacking = [column for column in NEEDED if column not in columns]
    if unknown:
        return f"has the unknown column '{unknown[0]}'{nearest(unknown[0], COLUMNS)}"
    if lacking:
        return f"lacks the column '{lacking[0]}'; schullotse import actors --template prints them all"
    repeated = [column for column in columns if columns.count(column) > 1]
    return f"has the column '{repeated[0]}' twice" if repeated else ""


def _tree(row: Mapping[str, str]) -> tuple[dict[str, Tree], list[str]]:
    """The row as a pack file would hold it, and what cannot be understood in its facts."""
    tree: dict[str, Tree] = {column: row.get(column, "") for column in ("id", "name", "kind")}
    tree["short"] = row.get("short") or row.get("name", "")
    tree["audiences"] = _words(row.get("audiences", ""))
    tree["aliases"] = [*_items(row.get("aliases", ""))]
    for name in SAID:
        cells = {audience.value: row.get(f"{name}_{audience}", "") for audience in Audience}
        tree[name] = {
            who: [*_items(cell)] if name == "have_ready" else cell for who, cell in cells.items() if _filled(cell)
        }
    pairs = (line.partition("=") for line in row.get("eligibility", "").split("\n") if _filled(line))
    tree["eligibility"] = {key.strip(): _words(options) for key, _, options in pairs}
    usual = {"source": row.get("source", ""), "as_of": row.get("as_of", "")}
    facts: list[Tree] = []
    problems: list[str] = []
    for kind in KINDS:
        for line in row.get(kind, "").split("\n"):
            if _filled(line):
                fact, complaint = _told(kind, line, usual)
                facts.append(fact)
                problems += [f"{row.get('id', '')}: {complaint}"] if complaint else []
    tree["facts"] = facts
    return tree, problems


def _told(kind: str, line: str, usual: Mapping[str, str]) -> tuple[dict[str, Tree], str]:
    """One line of a cell as a fact, and what cannot be understood in it."""
    value, *parts = _split(line)
    fact: dict[str, Tree] = {"kind": kind, "value": _unescaped(value)}
    sources: list[Tree] = []
    for part in parts:
        name, _, content = part.partition("=")
        name, content = name.strip(), content.strip(" ")
        if name not in PARTS:
            right = f"parts are {', '.join(PARTS)}{nearest(name, PARTS)}"
            return {**usual, **fact}, f"{kind} '{value}' has the unknown part '{part}'; {right}"
        match name:
            case "source":
                sources.append(_unescaped(content))
            case "opens" | "audiences":
                fact[name] = _words(content)
            case "unsure":
                fact[name] = "true"
            case _:
                fact[name] = _unescaped(content)
    return {**usual, **fact, "source": sources or usual["source"]}, ""


def _split(line: str) -> list[str]:
    """The parts of a fact, still escaped, without the spaces around the bars."""
    parts, chars = [""], iter(line)
    for char in chars:
        if char == "|":
            parts.append("")
        else:
            parts[-1] += char + next(chars, "") if char == "\\" else char
    return [part.strip(" ") for part in parts]


def _listed(items: Iterable[str]) -> str:
    return "\n".join(_escaped(item) for item in items)


def _items(cell: str) -> Iterator[str]:
    return (_unescaped(item) for item in cell.split("\n") if _filled(item))


def _filled(cell: str) -> bool:
    return bool(cell.strip(" \t\r\n"))


def _words(cell: str) -> list[Tree]:
    return [word for part in cell.split(",") if (word := part.strip())]


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text, flags=re.DOTALL)


def _guarded(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would run; _bare() takes it away again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
