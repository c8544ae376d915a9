"""Keys: what opens, what never opens again, and where they may rest."""

import json
import stat
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.keyring import EPOCH, PADDING, Epoch, Keyring, UnreadableError, in_memory_folder

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
KEY = Epoch(1, b"k" * 32)
NAME = b"n" * 16
OVERHEAD = 12 + 16  # bytes: nonce and tag

moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(plain=st.binary(max_size=2000), bound_to=st.binary(max_size=40))
def test_what_was_sealed_opens_as_it_was(plain: bytes, bound_to: bytes) -> None:
    assert KEY.open(KEY.seal(plain, bound_to), bound_to) == plain


def test_another_key_or_another_name_opens_nothing() -> None:
    sealed = KEY.seal(b"secret", NAME)

    with pytest.raises(UnreadableError):
        Epoch(1, b"x" * 32).open(sealed, NAME)
    with pytest.raises(UnreadableError):
        KEY.open(sealed, b"m" * 16)


@settings(max_examples=50)
@given(place=st.integers(0, PADDING + OVERHEAD - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_opens_nothing(place: int, bit: int) -> None:
    changed = bytearray(KEY.seal(b"secret", NAME))
    changed[place] ^= 1 << bit

    with pytest.raises(UnreadableError):
        KEY.open(bytes(changed), NAME)


@given(foreign=st.binary(max_size=100))
def test_foreign_bytes_open_nothing(foreign: bytes) -> None:
    with pytest.raises(UnreadableError):
        KEY.open(foreign, NAME)


@given(size=st.integers(0, 3 * PADDING))
def test_the_size_says_only_how_many_blocks(size: int) -> None:
    sealed = len(KEY.seal(b"x" * size, NAME)) - OVERHEAD

    assert sealed % PADDING == 0
    assert sealed - PADDING < size + 4 <= sealed


def test_the_same_state_looks_different_each_time() -> None:
    assert KEY.seal(b"secret", NAME) != KEY.seal(b"secret", NAME)


def test_a_pseudonym_stands_for_one_chat_of_one_channel_under_one_key() -> None:
    assert KEY.pseudonym("telegram", "42") == KEY.pseudonym("telegram", "42")
    others = {
        KEY.pseudonym("telegram", "42"),
        KEY.pseudonym("telegram", "43"),
        KEY.pseudonym("matrix", "42"),
        KEY.pseudonym("telegram4", "2"),
        Epoch(1, b"x" * 32).pseudonym("telegram", "42"),
        KEY.pseudonym("telegram", "\ud800"),
    }
    assert len(others) == 6
    assert all(len(name) == 16 for name in others)


@given(start=moments, wait=st.timedeltas(timedelta(0), timedelta(hours=1, minutes=29, seconds=59)))
def test_a_state_opens_for_an_hour_and_a_half(start: datetime, wait: timedelta) -> None:
    keyring = Keyring()
    before = keyring.present(start)
    sealed = before.seal(b"secret", NAME)

    same = next(epoch for epoch in keyring.living(start + wait) if epoch.number == before.number)

    assert same.open(sealed, NAME) == b"secret"


@given(start=moments, wait=st.timedeltas(timedelta(hours=2), timedelta(days=800)))
def test_after_two_hours_nothing_opens(start: datetime, wait: timedelta) -> None:
    keyring = Keyring()
    sealed = keyring.present(start).seal(b"secret", NAME)

    assert opening(keyring, sealed, start + wait) == []
    assert opening(keyring, sealed, start) == []  # setting the clock back brings no key back


@given(start=moments, steps=st.lists(st.timedeltas(timedelta(0), timedelta(minutes=45)), max_size=12))
def test_at_most_four_keys_live_the_present_one_first(start: datetime, steps: list[timedelta]) -> None:
    keyring, at = Keyring(), start
    for step in steps:
        at += step
        living = list(keyring.living(at))

        assert living[0] == keyring.present(at)
        assert [epoch.number for epoch in living] == sorted({epoch.number for epoch in living}, reverse=True)
        assert len(living) <= 4
        assert living[0].number - living[-1].number <= 3


def test_every_half_hour_has_its_own_key() -> None:
    keyring = Keyring()
    first, second = keyring.present(AT), keyring.present(AT + EPOCH)

    assert keyring.present(AT + EPOCH - timedelta(seconds=1)) == first
    assert second.number == first.number + 1
    assert second.key != first.key
    assert Keyring().present(AT).key != first.key


def test_keys_outlive_a_restart_only_through_their_file(tmp_path: Path) -> None:
    file = tmp_path / "run" / "keys"
    first = Keyring(file).present(AT)

    assert Keyring(file).present(AT) == first
    assert Keyring().present(AT) != first
    assert Keyring(file).present(AT + timedelta(hours=2)) != first


def test_the_file_is_only_for_its_owner_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "run" / "keys"
    keyring = Keyring(file)
    for number in range(6):
        keyring.present(AT + number * EPOCH)

    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["run", "run/keys"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_keyring_without_a_file_writes_nothing(tmp_path: Path) -> None:
    with chdir(tmp_path):
        Keyring().present(AT)

    assert list(tmp_path.iterdir()) == []


def test_after_forgetting_nothing_opens_and_no_file_is_left(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    keyring = Keyring(file)
    sealed = keyring.present(AT).seal(b"secret", NAME)

    keyring.forget()

    assert not file.exists()
    assert opening(keyring, sealed, AT) == []
    assert opening(Keyring(file), sealed, AT) == []
    Keyring(tmp_path / "never made").forget()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"1": "not hex"}',
        b'{"one": "00"}',
        b'{"1": 5}',
        b'{"1": null}',
        b"\xff\xfe\x00",
        "{„1“: 2}".encode(),
    ],
)
def test_an_unreadable_file_gives_fresh_keys(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys"
    file.write_bytes(content)

    fresh = Keyring(file).present(AT)

    assert len(fresh.key) == 32
    assert Keyring(file).present(AT) == fresh


@pytest.mark.parametrize("key", ["", "00", "11" * 31])
def test_a_key_that_is_too_short_is_never_used(tmp_path: Path, key: str) -> None:
    file = tmp_path / "keys"
    number = Keyring().present(AT).number
    file.write_text(json.dumps({str(number): key}))

    assert len(Keyring(file).present(AT).key) == 32


def test_keys_live_on_in_memory_when_their_folder_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "gone").write_text("a file where the folder was")
    keyring = Keyring(tmp_path / "gone" / "keys")

    assert keyring.present(AT) == keyring.present(AT)


def test_keys_are_written_only_below_a_memory_file_system(tmp_path: Path) -> None:
    kinds = dict(line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines())
    above = max((point for point in kinds if tmp_path.is_relative_to(point)), key=len)

    expected = tmp_path / "schullotse" if kinds[above] == "tmpfs" else None
    assert in_memory_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == expected
    assert in_memory_folder({"XDG_RUNTIME_DIR": str(tmp_path / "missing")}) is None
    assert in_memory_folder({"XDG_RUNTIME_DIR": ""}) is None


def opening(keyring: Keyring, sealed: bytes, at: datetime) -> list[Epoch]:
    """The living keys that open it."""
    found = []
    for epoch in keyring.living(at):
        try:
            epoch.open(sealed, NAME)
        except UnreadableError:
            continue
        found.append(epoch)
    return found
