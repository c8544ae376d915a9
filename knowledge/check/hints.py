"""Hints: nothing is wrong, but something could be better. For a new city they are its list of things to do."""

from collections.abc import Iterator, Mapping

from knowledge.folders import Folder, chain
from knowledge.model import DANGER, Actor, Pack
from knowledge.resolve import Resolver
from knowledge.source import Problem

WAYS = ("phone", "email", "web", "address")
SCHOOL = "eigene-schule"
NAMED = 6  # concerns that a hint names; the others are counted


def hints(found: Mapping[str, Folder], regions: Mapping[str, Pack]) -> list[Problem]:
    """Every hint for *regions*, in the order of files and lines; *found* are the folders they were read from."""
    result: list[Problem] = []
    for region, pack in regions.items():
        resolver = Resolver(chain(found, region)[0])
        resolver.pack()
        result += _Region(pack, resolver, found[region]).hints()
    return sorted(set(result))


class _Region:
    def __init__(self, pack: Pack, resolver: Resolver, folder: Folder) -> None:
        self.pack = pack
        self.resolver = resolver
        self.folder = folder

    def hints(self) -> Iterator[Problem]:
        yield from self.head()
        for actor in self.pack.actors.values():
            yield from self.actor(actor)
        yield from self.referrals()

    def at(self, key: str, text: str, *path: str | int) -> Problem:
        document, start = self.resolver.places[key]
        return Problem(document.file, document.line((*start, *path)), text, hint=True)

    def head(self) -> Iterator[Problem]:
        head = f"pack/{self.pack.id}"
        if self.pack.crisis_line in self.pack.crisis_lines:
            text = f"crisis_line is the national '{self.pack.crisis_line}'; name a clinic or crisis service of the city"
            yield self.at(head, text, "crisis_line")
        if self.pack.coordination == SCHOOL:
            yield self.at(head, "nobody coordinates yet: name the office that does as coordination", "coordination")
        if not self.pack.land:
            yield self.at(head, "land is missing; with it (NW, ST …) opening hours know the public holidays")
        if not any((self.folder.path / "dialogues").glob("*.txt")):
            yield self.at(head, "has no dialogues/*.txt; write down a conversation that must always go this way")

    def actor(self, actor: Actor) -> Iterator[Problem]:
        key = f"actor/{actor.id}"
        if actor.id != SCHOOL and not any(actor.of_kind(kind) for kind in WAYS):
            text = f"'{actor.id}' has no phone, mail, web page or address; the card can only say so"
            yield self.at(key, text, "facts")
        for index, fact in enumerate(actor.facts):
            if fact.kind == "phone" and not in_use(fact.value):
                text = f"'{fact.value}' looks like a phone number, but no such number is given out; check the digits"
                yield self.at(key, text, "facts", index, "value")

    def referrals(self) -> Iterator[Problem]:
        general = {SCHOOL, self.pack.coordination}
        bare = [
            concern
            for concern, lists in self.pack.referrals.items()
            if concern != DANGER and all(entries and _of(entries[0].actor, general) for entries in lists.values())
        ]
        if bare:
            more = f" and {len(bare) - NAMED} more" if len(bare) > NAMED else ""
            text = f"nobody of the city comes first yet for: {', '.join(bare[:NAMED])}{more}"
            yield self.at(f"referral/{bare[0]}", text)


def _of(actor: str, general: set[str]) -> bool:
    return actor in general or actor.startswith("notruf")


def in_use(number: str) -> bool:
    """Whether such a German number can exist; short ones (112, 116 111) are not looked up."""
    import phonenumbers  # noqa: PLC0415 - its tables take long to load, and only hints need them

    digits = "".join(sign for sign in number if sign.isdigit() or sign == "+")
    if len(digits) <= 6:
        return True
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "DE"))
    except phonenumbers.NumberParseException:
        return False
