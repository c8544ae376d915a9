"""A table of schools as others have it, as rows for a pack's schools.csv: our own columns, or those of NRW's open data.

What is not known of a school stays empty. Names of persons are never taken over.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge import cues
from knowledge.check.places import school_authorities, school_faults, school_forms
from knowledge.model import Pack, Question
from knowledge.rows import cells
from knowledge.schema import nearest
from knowledge.schools import COLUMNS, FORM, NEEDED, School
from knowledge.source import Problem

OPEN_DATA = "Schulnummer"
"""The column by which the table of NRW's schools is known; docs/packs.md has the whole list."""

ALIKE = {
    "Schulnummer": "id",
    "Schulform": "form",
    "PLZ": "postcode",
    "Ort": "city",
    "Strasse": "street",
    "E-Mail": "email",
    "Homepage": "web",
    "Kurzbezeichnung": "aliases",
}
JOINED = {
    "name": ("Schulbezeichnung_1", "Schulbezeichnung_2", "Schulbezeichnung_3"),
    "phone": ("Telefonvorwahl", "Telefon"),
}
FORMS = {
    "02": "grundschule",
    "04": "hauptschule",
    "08": "foerderschule",
    "10": "real-gesamt-sekundar",
    "14": "real-gesamt-sekundar",
    "15": "real-gesamt-sekundar",
    "20": "gymnasium-bk",
    "30": "gymnasium-bk",
}
"""Keys of school forms that leave no doubt. Of others (trials, Waldorf, adult education) the form stays empty."""

CONTACT = ("street", "postcode", "city", "phone", "email", "web")
"""What a newer table says anew as a whole, for it has one source."""

_PERSON = re.compile(r"person|leitung|leiter|worker|sozialarbeiter|lehrer|head|principal|teacher", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A school from a file, and the line where it stands."""

    cells: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a file holds: the *rows* without a mistake, the *problems* of the others, warnings among them."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read(text: str, file: str, pack: Pack, *, usual: Mapping[str, str], city: str = "") -> Arrived:
    """The schools in the CSV *text*. *usual* fills empty cells of the same column (source, as_of); *city* selects."""
    found = cells(text)
    try:
        line, header = next(((line, row) for line, row in found if not row[0].startswith("sep=")), (1, [""]))
        columns, problems = _columns(header, file, line)
        if any(not problem.warning for problem in problems):
            return Arrived((), tuple(problems))
        rows = [Row(_ours(dict(zip(columns, row, strict=False)), usual), line) for line, row in found]
    except csv.Error as error:
        text = f"cannot be read as CSV ({error}); a quote within a cell is written twice"
        return Arrived((), (Problem(file, 1, text),))
    chosen = [row for row in rows if not city or row.cells.get("city", "").casefold() == city.casefold()]
    if not chosen:
        problems.append(Problem(file, 1, f"holds no school of '{city}'" if city else "holds no school"))
    return _judged(chosen, problems, file, pack)


def _judged(rows: Iterable[Row], problems: list[Problem], file: str, pack: Pack) -> Arrived:
    forms, authorities, question = school_forms(pack), school_authorities(pack), pack.questions.get(FORM)
    good: list[Row] = []
    lines: dict[str, int] = {}
    for row in rows:
        known, doubt = _with_form(row, question)
        complete = School(**{**dict.fromkeys(NEEDED, ""), **known.cells})
        wrong = [*school_faults(complete, forms=forms, authorities=authorities)]
        if lines.setdefault(complete.id, row.line) != row.line:
            wrong.append(f"'{complete.id}' stands in line {lines[complete.id]} already; every school has its own id")
        problems += [Problem(file, row.line, text) for text in wrong]
        problems += [Problem(file, row.line, doubt, warning=True)] if doubt and not wrong else []
        good += [] if wrong else [known]
    return Arrived(tuple(good), tuple(problems))


def _columns(header: Sequence[str], file: str, line: int) -> tuple[list[str], list[Problem]]:
    """The columns of the file under the names they have here or in the open data; a column that is neither is wrong."""
    if OPEN_DATA in header:
        return list(header), []
    problems: list[Problem] = []
    for column in header:
        if column in COLUMNS:
            continue
        if _PERSON.search(column):
            text = f"column '{column}' is left out: names of persons are not taken over; use the …_phone of a role"
            problems.append(Problem(file, line, text, warning=True))
        else:
            problems.append(Problem(file, line, f"has the unknown column '{column}'{nearest(column, COLUMNS)}"))
    problems += [
        Problem(file, line, f"lacks the column '{column}'; schullotse import schools --template prints them all")
        for column in ("id", "name")
        if column not in header
    ]
    return list(header), problems


def _ours(row: Mapping[str, str], usual: Mapping[str, str]) -> dict[str, str]:
    """The filled cells under our names, and what the file leaves to *usual*."""
    if OPEN_DATA in row:
        told = {ours: row.get(theirs, "") for theirs, ours in ALIKE.items()}
        told |= {ours: " ".join(filter(None, (row.get(part, "") for part in parts))) for ours, parts in JOINED.items()}
        told["form"] = FORMS.get(told["form"], told["form"])
    else:
        told = {column: row.get(column, "") for column in COLUMNS}
    return {**usual, **{column: cell for column, cell in told.items() if cell}}


def _with_form(row: Row, question: Question | None) -> tuple[Row, str]:
    """The row with its form as an id; a form that is none of ours is left out, with a warning."""
    form = row.cells.get("form", "")
    if not form or question is None or question.option(form):
        return row, ""
    by_label = {option.label.sie.casefold(): option.id for option in question.options}
    known = by_label.get(form.casefold()) or cues.prepare([question]).read(form).get(question.id)
    others = {column: cell for column, cell in row.cells.items() if column != "form"}
    doubt = "" if known else f"form '{form}' is none of ours and stays empty; name the authority in its column"
    return Row({**others, "form": known} if known else others, row.line), doubt


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows of a pack after an import, and how many are new, changed, as before, and only in the pack."""

    rows: tuple[Mapping[str, str], ...]
    new: int
    changed: int
    same: int
    kept: int


def merged(present: Iterable[Mapping[str, str]], arrived: Iterable[Row]) -> Merged:
    """What arrives wins cell by cell, its contact as a whole; what it does not say stays, and so do other schools."""
    before = {row["id"]: row for row in present}
    after = dict(before)
    for row in arrived:
        old = before.get(row.cells["id"], {})
        after[row.cells["id"]] = {**{key: old[key] for key in old if key not in CONTACT}, **row.cells}
    named = [row.cells["id"] for row in arrived]
    changed = sum(after[key] != before[key] for key in named if key in before)
    new = sum(key not in before for key in named)
    return Merged(tuple(after.values()), new, changed, len(named) - new - changed, len(after) - len(named))


def template() -> Iterator[str]:
    """The lines of an empty table."""
    yield ";".join(COLUMNS)
