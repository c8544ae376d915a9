"""The folder of one account: its session, its keys, and a lock so that only one process uses them."""

import fcntl
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bot.channels.matrix.keys import FILE
from bot.channels.port import ChannelError

LEFT_BEHIND = (FILE, f"{FILE}-journal", f"{FILE}-wal", f"{FILE}-shm")


@dataclass(frozen=True, slots=True)
class Session:
    """A device that is logged in."""

    homeserver: str
    user: str
    device: str
    token: str = field(repr=False)


class Folder:
    """Mode 0700, its files 0600. Two processes on one device would make each other's messages unreadable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def take(self) -> bool:
        """Whether it is ours now. ChannelError if it cannot be written."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
            lock = os.fdopen(os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600), "w")
        except OSError as error:
            raise ChannelError(
                f"matrix: the folder {self.path} cannot be used: {error.strerror}; set SCHULLOTSE_MATRIX__STORE"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        if self._lock:
            self._lock.close()
        self._lock = None

    def pickle_key(self, secret: str | None) -> str:
        """The key of the keys: from the bot's secret, else from a random file."""
        if secret:
            return hmac.digest(secret.encode(), b"matrix keys", "sha256").hex()
        file = self.path / "pickle.key"
        if not file.is_file():
            self._write(file, secrets.token_hex(32))
        return file.read_text("ascii")

    def session(self, homeserver: str, user: str) -> Session | None:
        """What is known of this account at this homeserver."""
        try:
            known = json.loads((self.path / "session.json").read_text("utf-8"))
            session = Session(*(str(known[name]) for name in ("homeserver", "user", "device", "token")))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return session if (session.homeserver, session.user) == (homeserver, user) else None

    def remember(self, session: Session) -> None:
        names = {name: getattr(session, name) for name in ("homeserver", "user", "device", "token")}
        self._write(self.path / "session.json", json.dumps(names))

    def new_keys(self) -> None:
        """An empty file for the keys of a new device; those of the old one are of no use."""
        for name in LEFT_BEHIND:
            (self.path / name).unlink(missing_ok=True)
        self.keys_file()

    def keys_file(self) -> None:
        """The file exists, readable by nobody else; SQLite would make it readable for all."""
        os.close(os.open(self.path / FILE, os.O_WRONLY | os.O_CREAT, 0o600))

    def _write(self, file: Path, content: str) -> None:
        """At once or not at all."""
        part = file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(file)
