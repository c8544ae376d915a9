"""Canaries: what somebody typed and the id of a chat are searched in all that the bot leaves behind. None is found."""

import base64
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.channels.port import Incoming
from bot.keyring import Keyring
from bot.store.sql import SqlStore
from config import logs
from handlers import Conversation
from knowledge.base import Knowledge
from tests.bot.talker import Talker
from tests.conftest import AT
from tests.home import Home

BIRD = "Kanarienvogelzwitscher"
CHAT = "4915112345678901"
TYPED = (
    f"mein sohn {BIRD} hat angst vor der schule",
    f"ich will nicht mehr leben {BIRD}",
    f"{BIRD}",
    f"mail an {BIRD}@example.org oder 0231 {CHAT}",
)


def encodings(canary: str) -> Iterator[tuple[str, bytes]]:
    """The canary in every form that a careless line of code might leave behind."""
    plain = canary.encode()
    yield "utf-8", plain
    yield "lower case", canary.lower().encode()
    yield "utf-16", canary.encode("utf-16-le")
    yield "reversed", plain[::-1]
    yield "hex", plain.hex().encode()
    for offset in range(3):  # the letters inside a longer text, wherever that begins
        encoded = base64.b64encode(b"\0" * offset + plain)
        yield f"base64 at {offset}", encoded[(0, 2, 3)[offset] : len(encoded) // 4 * 4 - 4]
    for name in ("md5", "sha1", "sha256"):
        yield name, hashlib.new(name, plain, usedforsecurity=False).hexdigest().encode()
        yield f"{name} bytes", hashlib.new(name, plain, usedforsecurity=False).digest()


def leaks(folders: Iterable[Path], canaries: Iterable[str], said: str = "") -> list[str]:
    """Where which canary was found: in any file below *folders*, in a file name, or in what was *said*."""
    contents = {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    contents["names"] = "\n".join(contents).encode()
    contents["said"] = said.encode()
    return [
        f"{place}: {canary} as {form}"
        for canary in canaries
        for form, pattern in encodings(canary)
        for place, content in contents.items()
        if pattern in content
    ]


def test_nothing_typed_is_found_while_running_or_after_being_killed(knowledge: Knowledge, home: Home) -> None:
    folders = (home.data, home.cache, home.runtime)
    loud = home.environment(SCHULLOTSE_LOG_LEVEL="DEBUG")
    ends = {texts.privacy.sie.splitlines()[-1] for texts in knowledge.texts.values()}
    with home.start("chat", "--region", "dortmund", "--audience", "parent", env=loud) as process:
        assert process.stdin
        assert process.stdout
        for line in (*TYPED, "/datenschutz"):
            process.stdin.write(line + "\n")
        process.stdin.flush()
        heard = next((line for line in process.stdout if line.strip() in ends), "the process has ended")
        written = {path.name for path in home.database.parent.iterdir()}

        assert heard.strip() in ends
        assert written == {"schullotse.db", "schullotse.db-wal", "schullotse.db-shm"}
        assert leaks(folders, [BIRD, *TYPED]) == []

        process.kill()
        _, errors = process.communicate()

    assert errors.count('"event": "answered"') == len(TYPED) + 1
    assert (home.database.parent / "schullotse.db-wal").stat().st_size > 0
    assert leaks(folders, [BIRD, *TYPED], errors) == []


def test_nothing_typed_is_found_after_the_end_or_after_a_question(home: Home) -> None:
    folders = (home.data, home.cache, home.runtime)

    loud = home.environment(SCHULLOTSE_LOG_LEVEL="DEBUG")
    chatted = home.run("chat", "--audience", "student", input="\n".join(TYPED), env=loud)
    asked = home.run("ask", "--jsonl", input=f'{{"text": "{TYPED[0]}"}}\n{{"broken": "{TYPED[1]}"\n')

    assert (chatted.returncode, asked.returncode) == (0, 0)
    assert home.database.is_file()
    assert leaks(folders, [BIRD, *TYPED], chatted.stderr + asked.stderr) == []


def test_neither_words_nor_the_chat_are_found_with_every_log_line_on(
    knowledge: Knowledge, home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("DEBUG")
    store = SqlStore(home.url)
    bot = Talker(
        knowledge, store, Keyring(home.runtime / "keys"), clock=lambda: AT, start=Conversation(region="dortmund")
    )
    for line in TYPED:
        bot.answer(Incoming("telegram", CHAT, text=line))
        bot.answer(Incoming("telegram", CHAT, press=f"c/{BIRD}"))
    folders = (home.data, home.runtime)
    running = leaks(folders, [BIRD, CHAT, *TYPED])
    bot.answer(Incoming("telegram", CHAT, text="löschen"))
    store.close()
    bot.answer(Incoming("telegram", CHAT, text=TYPED[0]))  # opens the database again
    store.close()
    errors = capfd.readouterr().err

    assert (home.runtime / "keys").is_file()
    assert '"event": "answered"' in errors
    assert running == []
    assert leaks(folders, [BIRD, CHAT, *TYPED], errors) == []


@pytest.mark.parametrize("form", dict(encodings(BIRD)))
@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
def test_a_planted_leak_is_found_in_every_form(tmp_path: Path, form: str, before: bytes) -> None:
    text = before + BIRD.encode() + b" und noch mehr"
    planted = base64.b64encode(text) if form.startswith("base64") else before + dict(encodings(BIRD))[form] + b"\xff"
    (tmp_path / "file").write_bytes(planted)

    expected = f"base64 at {len(before)}" if form.startswith("base64") else form
    assert f"{tmp_path / 'file'}: {BIRD} as {expected}" in leaks([tmp_path], [BIRD])


def test_a_planted_leak_is_found_in_the_journal_of_the_database(home: Home) -> None:
    store = SqlStore(home.url)
    with closing(sqlite3.connect(home.database, isolation_level=None)) as live:
        live.execute("INSERT INTO conversation VALUES (x'00', 1, ?)", [TYPED[0].encode()])
        live.execute("DELETE FROM conversation")

        assert leaks([home.data], [BIRD]) == [f"{home.database}-wal: {BIRD} as utf-8"]
    store.close()


def test_a_planted_leak_is_found_in_a_name_and_in_the_log(tmp_path: Path) -> None:
    (tmp_path / CHAT).touch()

    assert leaks([tmp_path], [CHAT])[-1].startswith("names")
    assert leaks([], [BIRD], f'{{"event": "{TYPED[2]}"}}') == [f"said: {BIRD} as utf-8"]
