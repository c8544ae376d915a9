"""Looks at everything a running bot needs, and says what to do about what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot import app
from bot.due import counts
from bot.keyring import in_memory_folder
from bot.store import StoreError
from config.settings import Settings
from knowledge.folders import SHIPPED
from knowledge.freshness import State
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
    yield _keys()
    if not errors:
        yield from _messengers(settings)
    if not (settings.telegram.token or settings.matrix.homeserver or settings.web.port):
        yield Finding(True, "channels: none is configured; 'schullotse chat' works without")


def _keys() -> Finding:
    folder = in_memory_folder()
    if folder:
        return Finding(True, f"keys: rest in {folder}")
    return Finding(True, "keys: live in the process only, a crash forgets open conversations; see docs/betrieb.md")


def _messengers(settings: Settings) -> Iterator[Finding]:
    """Log in to each, as the running bot would."""
    if not (settings.telegram.token or settings.matrix.homeserver):
        return
    from bot.service import credentials  # noqa: PLC0415 - no other look needs messengers

    for name, problem in credentials(settings, app.knowledge(settings)):
        yield Finding(not problem, problem or f"{name}: the credentials are right")


def _freshness(pack: Pack) -> Finding:
    n = counts(pack, app.now().date())
    silent = sum(not actor.of_kind("phone") for actor in pack.actors.values())
    told = ", ".join(f"{n[state]} {state}" for state in State if n[state])
    text = f"{pack.name}: {n.total()} contact facts, {told}; {silent} of {len(pack.actors)} actors without a phone"
    late = n.total() - n[State.FRESH]
    return Finding(True, text + (f"; see 'schullotse due --region {pack.id}'" if late else ""))


def _database(settings: Settings) -> Finding:
    try:
        store = app.open_store(app.database_url(settings))
        store.tally()
        store.close()
    except StoreError as error:
        return Finding(False, f"database: {error}; check database_url and the rights on its folder")
    return Finding(True, "database: can be written")
