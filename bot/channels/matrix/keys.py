"""Where the encryption keys rest: nio's SQLite store, without people in it.

Room ids are sealed and other people's devices are only held in memory: whoever finds the file learns neither who wrote
nor where. Devices are asked for again after each start; since none of them is verified, nothing is lost by that.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from nio.crypto import DeviceStore, GroupSessionStore, InboundGroupSession, OlmDevice, OutgoingKeyRequest, TrustState
from nio.store import MatrixStore

FILE = "keys.db"


class Keys(MatrixStore):  # type: ignore[misc] # nio has no types
    """nio's store. An id that was sealed with another key raises InvalidTag when it is read."""

    def save_inbound_group_session(self, session: InboundGroupSession) -> None:
        room = session.room_id
        session.room_id = self._sealed(room)
        try:
            super().save_inbound_group_session(session)
        finally:
            session.room_id = room

    def load_inbound_group_sessions(self) -> GroupSessionStore:
        opened = GroupSessionStore()
        for session in super().load_inbound_group_sessions():
            session.room_id = self._opened(session.room_id)
            opened.add(session)
        return opened

    def save_encrypted_rooms(self, rooms: Iterable[str]) -> None:
        super().save_encrypted_rooms({self._sealed(room) for room in rooms})

    def load_encrypted_rooms(self) -> set[str]:
        return {self._opened(room) for room in super().load_encrypted_rooms()}

    def delete_encrypted_room(self, room: str) -> None:
        super().delete_encrypted_room(self._sealed(room))

    def save_device_keys(self, device_keys: Any) -> None:
        """Whose devices these are is not written down."""

    def load_device_keys(self) -> DeviceStore:
        return DeviceStore()

    def add_outgoing_key_request(self, key_request: OutgoingKeyRequest) -> None:
        """For which room a key is missing is not written down; nio remembers it until the key comes."""

    def remove_outgoing_key_request(self, key_request: OutgoingKeyRequest) -> None:
        """Nothing was written."""

    def load_outgoing_key_requests(self) -> dict[str, OutgoingKeyRequest]:
        return {}

    def ignore_devices(self, devices: list[OlmDevice]) -> None:
        for device in devices:
            device.trust_state = TrustState.ignored

    def is_device_verified(self, device: OlmDevice) -> bool:
        return bool(device.trust_state == TrustState.verified)

    def is_device_blacklisted(self, device: OlmDevice) -> bool:
        return bool(device.trust_state == TrustState.blacklisted)

    def is_device_ignored(self, device: OlmDevice) -> bool:
        return bool(device.trust_state == TrustState.ignored)

    def close(self) -> None:
        self.database.close()

    def _cipher(self) -> AESSIV:
        return AESSIV(hmac.digest(self.pickle_key.encode(), b"rooms", "sha512"))

    def _sealed(self, room: str) -> str:
        """The same for the same room, so that it can be a key of a table."""
        return urlsafe_b64encode(self._cipher().encrypt(room.encode(), None)).decode()

    def _opened(self, sealed: str) -> str:
        return self._cipher().decrypt(urlsafe_b64decode(sealed), None).decode()
