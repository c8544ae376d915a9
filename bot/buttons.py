"""Proof that a pressed button is one that we offered, in this chat, from this knowledge."""

import base64
import hashlib
import hmac

LIMIT = 64  # bytes of callback data; Telegram Bot API, InlineKeyboardButton
PROOF = 16  # letters: 12 bytes of a keyed hash
STALE = "old"  # a value that no button has: it leads to the present question


class Buttons:
    """Signs and checks values of buttons. Another key, another chat or other knowledge make a button old."""

    def __init__(self, key: bytes, version: str) -> None:
        self._key = key
        self._version = version

    def signed(self, chat: str, value: str) -> str:
        """*value* with its proof, in at most 64 bytes. ValueError if the value itself is too long."""
        data = value + self._proof(chat, value)
        if len(data.encode()) > LIMIT:
            raise ValueError(f"the value of a button has {len(value.encode())} bytes; at most {LIMIT - PROOF} fit")
        return data

    def opened(self, chat: str, data: str) -> str:
        """The value that was signed, or STALE."""
        value, proof = data[:-PROOF], data[-PROOF:]
        ours = self._proof(chat, value).encode()
        return value if value and hmac.compare_digest(proof.encode("utf-8", "replace"), ours) else STALE

    def _proof(self, chat: str, value: str) -> str:
        said = f"{self._version}\0{chat}\0{value}".encode("utf-8", "surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, hashlib.sha256)[:12]).decode()
