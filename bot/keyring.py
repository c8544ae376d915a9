"""Keys that make stored conversations unreadable: they live in memory (or tmpfs) and change every half hour.

Sealed state under a key that was never on a disk is noise in every backup, also after the row is deleted: deleting
alone leaves copies behind in write-ahead logs. Keyed pseudonyms, because platform ids are few enough to be guessed.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

EPOCH = timedelta(minutes=30)
KEPT = 4  # the present key and three older ones: what is older than two hours cannot be opened any more
PADDING = 512  # bytes; the size of a sealed state says nothing about its content
KEY = 32  # bytes; a shorter one could be guessed
NONCE = 12  # bytes, as AES-GCM wants it


class UnreadableError(Exception):
    """The key is gone, or the bytes were changed."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """A key with its number: half hours since 1970."""

    number: int
    key: bytes

    def pseudonym(self, channel: str, chat: str) -> bytes:
        """16 bytes that stand for a chat as long as this key lives."""
        return hmac.digest(
            self._derived(b"name"), f"{channel}\0{chat}".encode("utf-8", "surrogatepass"), hashlib.sha256
        )[:16]

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """*plain*, padded and encrypted; it opens only together with *bound_to*."""
        padded = len(plain).to_bytes(4, "big") + plain
        padded += bytes(-len(padded) % PADDING)
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(self._derived(b"seal")).encrypt(nonce, padded, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The plain bytes. UnreadableError if they were sealed otherwise."""
        try:
            padded = AESGCM(self._derived(b"seal")).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
        except (InvalidTag, ValueError):
            raise UnreadableError from None
        return padded[4 : 4 + int.from_bytes(padded[:4], "big")]

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.digest(self.key, purpose, hashlib.sha256)


class Keyring:
    """The living keys. *file* (on a tmpfs) lets them outlive a restart of the process, never one of the machine."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._epochs = self._read()

    def present(self, at: datetime) -> Epoch:
        """The key of the half hour of *at*; a new one is made, the too old ones are forgotten."""
        number = int(at.timestamp() // EPOCH.total_seconds())
        if number not in self._epochs:
            self._epochs[number] = secrets.token_bytes(KEY)
        dead = [old for old in self._epochs if not number - KEPT < old <= number]
        for old in dead:
            del self._epochs[old]
        self._write()
        return Epoch(number, self._epochs[number])

    def living(self, at: datetime) -> Iterator[Epoch]:
        """All keys that still open something, the present one first."""
        self.present(at)
        for number in sorted(self._epochs, reverse=True):
            yield Epoch(number, self._epochs[number])

    def forget(self) -> None:
        """Every stored conversation becomes noise, at once."""
        self._epochs.clear()
        if self._file:
            self._file.unlink(missing_ok=True)

    def _read(self) -> dict[int, bytes]:
        if self._file is None or not self._file.is_file():
            return {}
        try:
            kept = json.loads(self._file.read_text("ascii")).items()
            read = {int(number): bytes.fromhex(key) for number, key in kept}
            return {number: key for number, key in read.items() if len(key) == KEY}
        except (ValueError, TypeError, AttributeError, OSError):
            return {}  # unreadable keys are no keys: the conversations are forgotten

    def _write(self) -> None:
        if self._file is None:
            return
        content = json.dumps({number: key.hex() for number, key in self._epochs.items()})
        part = self._file.with_suffix(".part")
        try:
            if self._file.is_file() and self._file.read_bytes() == content.encode():
                return
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
                handle.write(content)
            part.replace(self._file)
        except OSError:
            self._file = None  # the runtime folder is gone, as after a logout: the keys live on in this process only


def in_memory_file(environment: dict[str, str] | None = None) -> Path | None:
    """Where keys may outlive the process: the user's runtime folder, if it is a tmpfs; else None."""
    folder = (environment or dict(os.environ)).get("XDG_RUNTIME_DIR", "")
    if not folder or not Path(folder).is_dir():
        return None
    mounts = Path("/proc/mounts")
    kinds = [line.split()[1:3] for line in mounts.read_text().splitlines()] if mounts.is_file() else []
    tmpfs = [point for point, kind in kinds if kind in {"tmpfs", "ramfs"}]
    return Path(folder) / "schullotse" / "keys" if any(Path(folder).is_relative_to(point) for point in tmpfs) else None
