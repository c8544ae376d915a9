"""Proof that a pressed button is one that we offered, in this chat, from this knowledge."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

LIMIT = 64  # bytes of callback data; Telegram Bot API, InlineKeyboardButton
PROOF = 12  # letters: 9 bytes of a keyed hash; guessing one takes 10^21 presses
STALE = "old"  # a value that no button has: it leads to the present question


class Buttons:
    """Signs and checks values of buttons. Another key, another chat or other knowledge make a button old.

    *versions* are those of the knowledge that conversations may have; the present one, which signs, comes first.
    """

    def __init__(self, key: bytes, versions: Callable[[], Sequence[str]]) -> None:
        self._key = key
        self._versions = versions

    def signed(self, chat: str, value: str) -> str:
        """*value* with its proof, in at most 64 bytes. ValueError if the value itself is too long."""
        data = value + self._proof(chat, value, self._versions()[0])
        if len(data.encode()) > LIMIT:
            raise ValueError(f"the value of a button has {len(value.encode())} bytes; at most {LIMIT - PROOF} fit")
        return data

    def opened(self, chat: str, data: str) -> str:
        """The value that was signed, or STALE."""
        value, proof = data[:-PROOF], data[-PROOF:]
        given = proof.encode("utf-8", "replace")
        good = [hmac.compare_digest(given, self._proof(chat, value, one).encode()) for one in self._versions()]
        return value if value and any(good) else STALE

    def _proof(self, chat: str, value: str, version: str) -> str:
        said = f"{version}\0{chat}\0{value}".encode("utf-8", "surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, hashlib.sha256)[:9]).decode()
