"""What must hold across the files of a region. All problems at once, each where it stands, with what would be right."""

from knowledge.check import directory, guidelines, places
from knowledge.check.checker import Checker, Places
from knowledge.model import Pack
from knowledge.source import Problem

PARTS = (
    directory.pack_file,
    directory.actors,
    directory.concerns,
    directory.referrals,
    guidelines.flows,
    directory.answers,
    places.schools,
    places.districts,
    places.dates,
)


def check(pack: Pack, places: Places, *, thorough: bool = True) -> list[Problem]:
    """Every problem of *pack*. *thorough* adds the walk over all paths, which takes longer and only proves."""
    checker = Checker(pack, places)
    for part in (*PARTS, *((guidelines.proof,) if thorough else ())):
        part(checker)
    return checker.problems
