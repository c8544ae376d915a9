"""What the file of keys holds: nothing about rooms, whatever nio asks it to keep."""

from pathlib import Path

from nio.crypto import OlmAccount, OutgoingKeyRequest

from bot.channels.matrix.keys import FILE, Keys

ROOM = "!kanarienzimmer:example.org"


def test_the_room_of_a_missing_key_is_not_written_down(tmp_path: Path) -> None:
    keys = Keys("@bot:example.org", "DEVICE", str(tmp_path), "geheim", FILE)
    keys.save_account(OlmAccount())
    keys.save_encrypted_rooms([ROOM])
    keys.add_outgoing_key_request(OutgoingKeyRequest("id", "session", ROOM, "m.megolm.v1.aes-sha2"))

    assert keys.load_encrypted_rooms() == {ROOM}
    assert keys.load_outgoing_key_requests() == {}
    keys.close()
    assert not [file for file in tmp_path.iterdir() if ROOM.encode() in file.read_bytes()]
