"""The check checked: seeded faults in a copy of each pack, and how many of them are reported where they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.faults import Fault, caught, seeded, slim
from knowledge.folders import chain, folders
from knowledge.load import PackError, examine_folders

ENOUGH = 0.95  # share of the faults that must be reported


@dataclass(frozen=True, slots=True)
class Trial:
    """One pack: its faults, and those that nobody would have noticed."""

    pack: str
    faults: tuple[Fault, ...]
    missed: tuple[Fault, ...]

    @property
    def enough(self) -> bool:
        return len(self.missed) <= (1 - ENOUGH) * len(self.faults)

    def numbers(self) -> Mapping[str, object]:
        return {
            "pack": self.pack,
            "faults": len(self.faults),
            "kinds": len({fault.name for fault in self.faults}),
            "reported": len(self.faults) - len(self.missed),
            "missed": [str(fault) for fault in self.missed],
        }


def trials(roots: Sequence[Path], regions: Sequence[str], limit: int) -> list[Trial]:
    """*limit* faults in each pack of *regions*. PackError if the packs have errors without any."""
    found, problems = folders(roots)
    whole = slim(found)
    examined = examine_folders(whole, problems)
    if examined.errors:
        raise PackError(examined.errors)
    tried: dict[str, Trial] = {}
    for region in regions:
        line = {folder.id: folder for folder in chain(whole, region)[0]}
        for pack in line:
            if pack not in tried:
                faults = tuple(seeded(line, pack, examined.german[region], limit))
                tried[pack] = Trial(pack, faults, tuple(one for one in faults if not caught(line, one)))
    return list(tried.values())


def tested(tried: Sequence[Trial]) -> Iterator[str]:
    """A line for each pack, and one for each fault that was missed."""
    for trial in tried:
        told = trial.numbers()
        yield f"{trial.pack}: {told['reported']} of {told['faults']} seeded faults of {told['kinds']} kinds reported"
        yield from (f"MISSED {fault}" for fault in trial.missed)
