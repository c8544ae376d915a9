"""The schools of a region, as values and as an index of their names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from knowledge.search.names import Names

FORM = "schulform"
"""The shared question that a school answers, too: its form."""

SCHOOL = "schule"
"""The chosen school itself, among the answers: it always stands beside that of its form."""

SOCIAL_WORK = "schulsozialarbeit"
"""The concern for which the school itself matters."""

OWN_SCHOOL = "eigene-schule"
"""The actor that a chosen school fills with its own contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """One school. Empty is unknown. *source* and *as_of* hold for the row but for the four contacts of a role
    (absence_…, social_work_…), which have their own. Names of persons have no place here.

    *form* is an option of the question FORM, *authority* an actor; without one the form decides who is in charge.
    """

    id: str
    name: str
    source: str
    as_of: str
    aliases: str = ""
    form: str = ""
    authority: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    phone: str = ""
    email: str = ""
    web: str = ""
    absence_phone: str = ""
    absence_email: str = ""
    social_work_phone: str = ""
    social_work_email: str = ""
    contact_source: str = ""
    contact_as_of: str = ""

    @property
    def place(self) -> str:
        """The district, or else the city: what tells schools of one name apart."""
        return self.district or self.city

    @property
    def names(self) -> tuple[str, ...]:
        """What people may call it."""
        return (self.name, *(name.strip() for name in self.aliases.split("|") if name.strip()))


COLUMNS = tuple(field.name for field in fields(School))
NEEDED = ("id", "name", "source", "as_of")


def index(schools: Mapping[str, School]) -> Names:
    """All names; one that several schools bear stands there with the place of each, too."""
    count = Counter(name for school in schools.values() for name in school.names)
    entries = []
    for school in schools.values():
        placed = [f"{name} {school.district} {school.city}" for name in school.names if count[name] > 1]
        entries.append((school.id, [*school.names, *placed]))
    return Names.build(entries)
