"""On PostgreSQL the rights of the documented login are the fence."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.store.accounts import Accounts, Action, Role
from bot.store.fence import READABLE, WRITABLE, fenced
from bot.store.shelf import Shelf
from bot.store.tables import METADATA
from tests.bot.review_web.desk import NOW
from tests.servers.postgres import Postgres

DOCUMENT = Path(__file__).parents[3] / "docs" / "review.md"
ROLE = "schullotse_koordination"


@pytest.fixture(scope="module")
def engine(postgres: Postgres) -> Iterator[Engine]:
    """The connection of the documented login, with exactly the rights in the document."""
    url = make_url(postgres.fresh())
    script = re.search(r"```sql\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert script
    statements = script[1].replace("DATABASE schullotse ", f'DATABASE "{url.database}" ').replace("'…'", "'geheim'")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statements.encode())
    mine = url.set(username=ROLE, password="geheim").render_as_string(hide_password=False)
    made = fenced(mine)
    yield made
    made.dispose()
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}".encode())


@pytest.mark.parametrize("table", sorted(set(METADATA.tables) - READABLE - WRITABLE))
@pytest.mark.parametrize("statement", ["SELECT 1 FROM {}", "DELETE FROM {}", "DROP TABLE {}"])
def test_the_login_of_the_pages_reaches_nothing_else(engine: Engine, table: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), engine.begin() as connection:
        connection.execute(text(statement.format(table)))


def test_a_release_cannot_be_changed(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as connection:
        connection.execute(text("UPDATE release SET body = ''"))


def test_accounts_work_with_these_rights(engine: Engine) -> None:
    accounts, today = Accounts(engine), NOW.date()
    account = accounts.grant("lesen@dortmund.example", "dortmund", Role.VIEWER)
    accounts.invite(account.id, b"x" * 32, today)

    assert accounts.join(b"x" * 32, "hash", today)
    assert accounts.use_step(account.id, 7)
    assert not accounts.use_step(account.id, 7)
    accounts.record(today, account.id, "dortmund", Action.LOGIN)
    assert [entry.action for entry in accounts.log("dortmund", today)] == ["login"]
    accounts.delete(account.id)
    assert accounts.all() == []
    assert Shelf(engine).of("dortmund").releases == ()
