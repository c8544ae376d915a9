"""A database that cannot be used is refused in a sentence, which shows neither a password nor a statement."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Batch, Done, Sealed, StoreError
from bot.store.sql import SqlStore

ROW = Sealed(b"1" * 16, 7, b"one")


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    SqlStore(f"sqlite:///{tmp_path / 'x.db'}").close()
    with closing(sqlite3.connect(tmp_path / "x.db")) as live, live:
        live.execute("UPDATE alembic_version SET version_num = '9999'")

    refused(f"sqlite:///{tmp_path / 'x.db'}", "9999")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "sqlite:////"),
        ("schullotse.db", "sqlite:////"),
        ("sqlite://folder/schullotse.db", "sqlite:///"),
        ("sqlite+nonsense:////x.db", "sqlite+nonsense"),
        ("sqlite:////{folder}", "opened"),
        ("sqlite:////{folder}/notes.txt", "not a database"),
        ("sqlite:////{folder}/notes.txt/x.db", "folder"),
        ("mysql://somebody:geheim@localhost/x", "mysql"),
        ("postgresql://somebody:geheim@localhost:port/x", "database_url"),
    ],
)
def test_a_wrong_address_is_refused_in_a_sentence(tmp_path: Path, url: str, told: str) -> None:
    (tmp_path / "notes.txt").write_text("these are notes, not a database; " * 40)

    refused(url.replace("{folder}", str(tmp_path).lstrip("/")), told)


def test_a_folder_that_cannot_hold_a_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()  # a folder where the file should be: nobody, not even root, can open it

    refused(f"sqlite:///{tmp_path / 'x.db'}", "unable to open")


def test_a_locked_database_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'x.db'}")
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.write(Batch(done=(Done((), ROW, ()),)))
        other.execute("ROLLBACK")

    assert list(store.conversations()) == []
    store.close()


def test_nobody_else_on_the_machine_reads_a_new_database(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'x.db'}")
    store.write(Batch(done=(Done((), ROW, ()),)))

    found = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert found == {"x.db": 0, "x.db-shm": 0, "x.db-wal": 0}
    store.close()


def refused(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=re.escape(told)) as caught:
        SqlStore(url)
    assert "geheim" not in str(caught.value)
    assert "SELECT" not in str(caught.value)
    assert caught.value.__cause__ is None
