"""The releases of a region as they are read again and again: they never change, so each is parsed once."""

from dataclasses import dataclass

from sqlalchemy import Engine, bindparam, select

from bot.review.release import Release
from bot.store.database import said
from bot.store.releases import Releases
from bot.store.tables import RELEASE

HASHES = (
    select(RELEASE.c.sha256)
    .where(RELEASE.c.region == bindparam("wanted"))
    .order_by(RELEASE.c.period, RELEASE.c.version)
)


@dataclass(frozen=True, slots=True)
class Shelved:
    """The releases of a region in their order, every version of them, and the hash of each."""

    releases: tuple[Release, ...]
    hashes: tuple[str, ...]


class Shelf:
    """Raises StoreError if the database cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Shelved] = {}

    def of(self, region: str) -> Shelved:
        with said("be read"), self._engine.connect() as connection:
            hashes = tuple(connection.scalars(HASHES, {"wanted": region}))
        known = self._known.get(region)
        if known is None or known.hashes != hashes:
            known = self._known[region] = Shelved(Releases(self._engine).all(region), hashes)
        return known
