"""Releases in the database: added once, read often, never changed; and the counts they are made from."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.review.release import DEMO, Release, body, parse
from bot.store import Count, StoreError
from bot.store.accounts import Action, line
from bot.store.database import said
from bot.store.tables import RELEASE, TALLY

CELL = tuple(column for column in TALLY.c if column.name != "n")


class Releases:
    """Every method raises StoreError if the database cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, region: str | None = None) -> tuple[Release, ...]:
        """All versions of all releases (of *region*), in the order of region, period and version."""
        wanted = select(RELEASE).order_by(RELEASE.c.region, RELEASE.c.period, RELEASE.c.version)
        if region is not None:
            wanted = wanted.where(RELEASE.c.region == region)
        with said("be read"), self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return tuple(_unchanged(row.body, row.sha256) for row in rows)

    def add(self, release: Release, day: date) -> None:
        """Publish *release*, with its line in the audit log. StoreError if this version exists: what was published
        never changes."""
        row = {"region": release.region, "period": release.period, "version": release.version}
        row |= {"sha256": release.sha256, "body": body(release)}
        with said("be written"), self._engine.begin() as connection:
            try:
                connection.execute(insert(RELEASE).values(row))
                connection.execute(line(day, "", release.region, Action.RELEASED))
            except IntegrityError:
                raise StoreError(
                    f"{release.region} {release.period} version {release.version} is released and never changes; "
                    "a correction is a new version"
                ) from None

    def regions(self) -> tuple[str, ...]:
        """The regions that have counts."""
        with said("be read"), self._engine.connect() as connection:
            return tuple(connection.scalars(select(TALLY.c.region).distinct().order_by(TALLY.c.region)))

    def weeks(self, region: str) -> tuple[str, ...]:
        """The weeks in which *region* has counts."""
        wanted = select(TALLY.c.week).where(TALLY.c.region == region).distinct().order_by(TALLY.c.week)
        with said("be read"), self._engine.connect() as connection:
            return tuple(connection.scalars(wanted))

    def counts(self, region: str, weeks: Sequence[str]) -> list[Count]:
        """The counts of *region* in *weeks*, in the order of their columns."""
        wanted = select(TALLY).where(TALLY.c.region == region, TALLY.c.week.in_(weeks)).order_by(*CELL)
        with said("be read"), self._engine.connect() as connection:
            return [Count(*row) for row in connection.execute(wanted)]

    def real(self) -> int:
        """How many cells of the counts are not example data."""
        wanted = select(func.count()).select_from(TALLY).where(~TALLY.c.channel.startswith(DEMO, autoescape=True))
        with said("be read"), self._engine.connect() as connection:
            return connection.execute(wanted).scalar_one()


def _unchanged(text: str, seal: str) -> Release:
    release = parse(text)
    if sha256(text.encode()).hexdigest() != seal:
        raise StoreError(
            f"the release {release.region} {release.period} version {release.version} was changed in the database; "
            "restore it from a backup"
        )
    return release
