"""Public holidays of a Land, from a well-kept library that is only loaded when somebody asks for opening hours."""

from dataclasses import dataclass
from datetime import date
from functools import cache


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of *land* (ISO 3166-2:DE, "NW"); without a land those of all Germany."""

    land: str

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _of(self.land, day.year)


@cache
def _of(land: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - see above

    return frozenset(holidays.country_holidays("DE", subdiv=land or None, years=year))
