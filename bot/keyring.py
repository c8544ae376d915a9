"""Keys that make stored conversations unreadable: they live in memory (or tmpfs) and change every half hour.

Sealed state under a key that was never on a disk is noise in every backup, also after the row is deleted: deleting
alone leaves copies behind in write-ahead logs. Keyed pseudonyms, because platform ids are few enough to be guessed.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

EPOCH = timedelta(minutes=30)
KEPT = 4  # the present key and three older ones: what is older than two hours cannot be opened any more
PADDING = 512  # bytes; the size of a sealed state says nothing about its content
KEY = 32  # bytes; a shorter one could be guessed
NONCE = 12  # bytes, as AES-GCM wants it
MOUNTS = Path("/proc/mounts")


class UnreadableError(Exception):
    """The key is gone, or the bytes were changed."""


@dataclass(frozen=True)
class Epoch:
    """A key with its number: half hours since 1970. What is derived from the key lives as long as it does."""

    number: int
    key: bytes

    def pseudonym(self, channel: str, chat: str) -> bytes:
        """16 bytes that stand for a chat as long as this key lives."""
        said = f"{channel}\0{chat}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._naming, said, hashlib.sha256)[:16]

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """*plain*, padded and encrypted; it opens only together with *bound_to*."""
        padded = len(plain).to_bytes(4, "big") + plain
        padded += bytes(-len(padded) % PADDING)
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, padded, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The plain bytes. UnreadableError if they were sealed otherwise."""
        try:
            padded = self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
        except (InvalidTag, ValueError):
            raise UnreadableError from None
        return padded[4 : 4 + int.from_bytes(padded[:4], "big")]

    @cached_property
    def _naming(self) -> bytes:
        return self._derived(b"name")

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived(b"seal"))

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.digest(self.key, purpose, hashlib.sha256)


class Keyring:
    """The living keys: a new one *every* so often, *kept* of them at a time.

    *file* (on a tmpfs) lets them outlive a restart of the process, never one of the machine, and lets several processes
    of one machine share them. Where it is deleted, all keys are forgotten by every process.
    """

    def __init__(self, file: Path | None = None, *, every: timedelta = EPOCH, kept: int = KEPT) -> None:
        self._file = file
        self._every = every
        self.kept = kept
        self._epochs: dict[int, Epoch] = {}
        self._seen: tuple[int, int] | None = None

    def present(self, at: datetime) -> Epoch:
        """The key of the period of *at*; a new one is made, the too old ones are forgotten."""
        number = int(at.timestamp() // self._every.total_seconds())
        self._look()
        if number not in self._epochs or any(self._dead(old, number) for old in self._epochs):
            self._turn(number)
        return self._epochs[number]

    def living(self, at: datetime) -> Iterator[Epoch]:
        """All keys that still open something, the present one first."""
        self.present(at)
        for number in sorted(self._epochs, reverse=True):
            yield self._epochs[number]

    def forget(self) -> None:
        """Whatever was sealed becomes noise, at once."""
        self._epochs.clear()
        if self._file:
            self._file.unlink(missing_ok=True)

    def _dead(self, old: int, number: int) -> bool:
        return not number - self.kept < old <= number

    def _turn(self, number: int) -> None:
        """Make the key of this period, unless another process has made it just now."""
        with self._locked():
            self._look()
            self._epochs.setdefault(number, Epoch(number, secrets.token_bytes(KEY)))
            for old in [old for old in self._epochs if self._dead(old, number)]:
                del self._epochs[old]
            self._write()

    def _look(self) -> None:
        """Read the file again if somebody changed it."""
        if self._file is None:
            return
        seen = _signature(self._file)
        if seen != self._seen:
            self._seen = seen
            self._epochs = _read(self._file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among the processes that share the file: the lock is on its folder, so that nothing lies beside it."""
        try:
            folder = self._open_folder()
        except OSError:
            self._file = folder = None  # the runtime folder is gone, as after a logout: keys live on in the process
        if folder is None:
            yield
            return
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _open_folder(self) -> int | None:
        if self._file is None:
            return None
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)

    def _write(self) -> None:
        if self._file is None:
            return
        part = self._file.with_suffix(".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
                json.dump({number: epoch.key.hex() for number, epoch in self._epochs.items()}, handle)
            part.replace(self._file)
        except OSError:
            self._file = None
            return
        self._seen = _signature(self._file)


def _signature(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _read(file: Path) -> dict[int, Epoch]:
    try:
        read = {int(number): bytes.fromhex(key) for number, key in json.loads(file.read_text("ascii")).items()}
    except (ValueError, TypeError, AttributeError, OSError):
        return {}  # unreadable keys are no keys: the conversations are forgotten
    return {number: Epoch(number, key) for number, key in read.items() if len(key) == KEY}


def in_memory_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Where keys may outlive the process: a folder of this user alone on a tmpfs; None if there is none.

    The service's own runtime folder, the user's, or the machine's shared memory.
    """
    known = os.environ if environment is None else environment
    for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        if (folder := known.get(name, "").split(":")[0]) and _in_memory(Path(folder)):
            return Path(folder) / "schullotse"
    return _shared_memory() if environment is None else None


def _shared_memory() -> Path | None:
    folder = Path("/dev/shm") / f"schullotse-{os.getuid()}"  # noqa: S108 - made for us alone, and checked
    if not _in_memory(folder.parent):
        return None
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700
    return folder if ours else None


def _in_memory(folder: Path) -> bool:
    if not folder.is_dir() or not MOUNTS.is_file():
        return False
    kinds = dict(line.split()[1:3] for line in MOUNTS.read_text().splitlines())
    above = max((point for point in kinds if folder.resolve().is_relative_to(point)), key=len, default="/")
    return kinds.get(above) in {"tmpfs", "ramfs"}
