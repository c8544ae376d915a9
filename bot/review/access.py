"""Who is let in: sessions, form tokens and the limit on failed tries. All in memory, so that no time or address rests.

Random values are kept as hashes only: whoever could read this memory later cannot use what is found there.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass

IDLE = 30 * 60.0  # seconds
LONGEST = 8 * 3600.0
TRIES = 10  # failed ones, per account and address …
WITHIN = 15 * 60.0  # … in this time
MOST = 50_000  # remembered pairs; an attacker with many addresses cannot fill the memory

Tick = Callable[[], float]


@dataclass(slots=True)
class Session:
    """An open session. *generation* is that of the account when it began; *offered* a second factor being set up."""

    account: str
    generation: int
    born: float
    seen: float
    offered: str = ""


class Sessions:
    """Open sessions of this process, under the hash of their random id. *tick*: seconds of a clock that never jumps."""

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._open: dict[bytes, Session] = {}

    def begin(self, account: str, generation: int) -> str:
        """The id of a new session; nobody else has known it before."""
        now = self._tick()
        self._open = {key: session for key, session in self._open.items() if _alive(session, now)}
        made = secrets.token_urlsafe(32)
        self._open[_hashed(made)] = Session(account, generation, now, now)
        return made

    def find(self, session_id: str) -> Session | None:
        """The open session with this id; from now on it is idle anew."""
        now = self._tick()
        session = self._open.get(_hashed(session_id))
        if session is None or not _alive(session, now):
            self.end(session_id)
            return None
        session.seen = now
        return session

    def end(self, session_id: str) -> None:
        self._open.pop(_hashed(session_id), None)


class Tries:
    """Failed logins per account and address; the address is known only as a keyed hash, under a key in this memory.

    Whoever guesses from one address locks out that address only: the owner still gets in from another.
    """

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._key = secrets.token_bytes(32)
        self._failed: dict[bytes, tuple[float, ...]] = {}

    def allowed(self, email: str, address: str) -> bool:
        return len(self._recent(self._pair(email, address))) < TRIES

    def failed(self, email: str, address: str) -> None:
        pair = self._pair(email, address)
        recent = self._recent(pair)
        self._failed.pop(pair, None)  # to the end of the line
        self._failed[pair] = (*recent, self._tick())
        while len(self._failed) > MOST:
            del self._failed[next(iter(self._failed))]

    def forget(self, email: str, address: str) -> None:
        self._failed.pop(self._pair(email, address), None)

    def _recent(self, pair: bytes) -> tuple[float, ...]:
        return tuple(at for at in self._failed.get(pair, ()) if self._tick() - at < WITHIN)

    def _pair(self, email: str, address: str) -> bytes:
        named = f"{email.strip().lower()}\n{_network(address)}".encode()
        return hmac.digest(self._key, named, "sha256")


class Forms:
    """Proof that a form comes from a page we showed to this browser: bound to its cookie and to the form's address."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def token(self, cookie: str, path: str) -> str:
        return hmac.new(self._key, f"{cookie}\n{path}".encode(), "sha256").hexdigest()

    def proves(self, token: str, cookie: str, path: str) -> bool:
        return bool(cookie) and hmac.compare_digest(token.encode(), self.token(cookie, path).encode())


def _alive(session: Session, now: float) -> bool:
    return now - session.seen < IDLE and now - session.born < LONGEST


def _hashed(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()


def _network(address: str) -> str:
    """One person owns a whole /64 of the newer addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
