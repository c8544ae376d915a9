"""Looks at everything a running bot needs, and says what to do about what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot import app
from bot.store import StoreError
from config.settings import Settings
from handlers.cards import stale
from knowledge.folders import SHIPPED
from knowledge.load import examine
from knowledge.model import Pack


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: *ok* or not, and what to do."""

    ok: bool
    text: str


def examine_all(settings: Settings) -> Iterator[Finding]:
    """Configuration, packs, freshness, database, channels."""
    yield Finding(True, "configuration: can be read")
    examined = examine((SHIPPED, *settings.packs))
    errors = examined.errors
    yield Finding(
        not errors, f"packs: {len(errors)} problems; run 'schullotse check'" if errors else "packs: no problems"
    )
    for (_, language), pack in examined.packs.items():
        if language == "de":
            yield _freshness(pack)
    if settings.region and settings.region not in {region for region, _ in examined.packs}:
        known = ", ".join(sorted({region for region, _ in examined.packs}))
        yield Finding(False, f"region: '{settings.region}' has no pack; set one of: {known}")
    yield _database(settings)
    if not (settings.telegram.token or settings.matrix.homeserver or settings.web.port):
        yield Finding(True, "channels: none is configured; 'schullotse chat' works without")


def _freshness(pack: Pack) -> Finding:
    contacts = [
        fact
        for actor in pack.actors.values()
        for kind in ("phone", "email", "web", "address", "hours")
        for fact in actor.of_kind(kind)
    ]
    old = sum(stale(fact, app.now()) for fact in contacts)
    undated = sum(fact.as_of == "unknown" for fact in contacts)
    silent = sum(not actor.of_kind("phone") for actor in pack.actors.values())
    text = f"{pack.name}: {len(contacts)} contact facts, {old} older than a year, {undated} undated; "
    text += f"{silent} of {len(pack.actors)} actors without a phone number"
    return Finding(True, text + ("; have them confirmed" if old or undated else ""))


def _database(settings: Settings) -> Finding:
    try:
        store = app.open_store(app.database_url(settings))
        store.tally()
        store.close()
    except StoreError as error:
        return Finding(False, f"database: {error}; check database_url and the rights on its folder")
    return Finding(True, "database: can be written")
