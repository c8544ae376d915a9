"""What people reported as wrong, each with the change already prepared: the statements, the command, a message."""

import shlex
from dataclasses import dataclass
from urllib.parse import quote

from bot.review.number import How, Number
from bot.review.release import Kind, Release
from knowledge.model import Actor, Fact, Pack

OTHER = "other"
EXAMPLE = "…"


@dataclass(frozen=True, slots=True)
class Correction:
    """An actor and a kind of statement that was reported; *facts* are those users see now, all of them for "other"."""

    actor: Actor
    kind: str
    n: Number
    facts: tuple[Fact, ...]

    @property
    def command(self) -> str:
        """What somebody with the packs runs once the right value is known."""
        option = "" if self.kind == OTHER else f" --{self.kind} {EXAMPLE}"
        return f"schullotse confirm {shlex.quote(self.actor.id)}{option}"

    @property
    def email(self) -> str:
        return next((fact.value for fact in self.actor.of_kind("email")), "")


def corrections(release: Release, pack: Pack) -> tuple[Correction, ...]:
    """The reports of *release*, most first. Actors that the pack no longer has are left out: nothing can be changed."""
    table = release.table("facts")
    found = [
        Correction(actor, kind, _number(cell.value, cell.kind), actor.facts if kind == OTHER else actor.of_kind(kind))
        for row in (table.rows if table else ())
        for kind, cell in zip(table.columns if table else (), row.cells, strict=True)
        if cell.value and (actor := pack.actors.get(row.id))
    ]
    return tuple(sorted(found, key=lambda one: (-one.n.n, one.actor.name, one.kind)))


def _number(value: int, kind: Kind) -> Number:
    return Number(value, How.ABOUT if kind is Kind.ROUNDED else How.EXACT)


def mailto(email: str, subject: str, body: str) -> str:
    """A link that opens the message in the reader's own mail program."""
    return f"mailto:{quote(email, safe='@')}?subject={quote(subject)}&body={quote(body)}"
