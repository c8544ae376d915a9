"""Logs: closed fields on standard error, one line each, and libraries that say nothing about a message."""

import json
import logging
from collections.abc import Iterator

import pytest

from config import logs
from tests.home import logging_as_before

LIBRARIES = ("httpx", "httpcore", "telegram", "telegram.ext", "nio", "sqlalchemy.engine", "alembic", "asyncio", "other")
LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
SECRET = "Kanarienvogel"


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    with logging_as_before():
        yield


def test_only_known_fields_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG")
    logs.event(logging.INFO, "answered", channel="console", ms=3, text=SECRET, chat=SECRET, exc_info=SECRET)
    said = capsys.readouterr()
    line = json.loads(said.err)

    assert line.keys() == {"event", "level", "timestamp", "channel", "ms"}
    assert (line["event"], line["level"], line["channel"], line["ms"]) == ("answered", "info", "console", 3)
    assert said.out == ""


def test_every_field_on_the_list_is_written_and_no_other_is_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    allowed = {"channel", "error", "component", "replies", "count", "code", "ms", "place"}
    logs.set_up("DEBUG")
    logs.event(logging.INFO, "answered", **dict.fromkeys(allowed, 1), **{SECRET: 1})

    assert json.loads(capsys.readouterr().err).keys() == {*allowed, "event", "level", "timestamp"} == logs.FIELDS


def test_an_exception_on_its_way_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG")
    try:
        raise ValueError(SECRET)
    except ValueError:
        logs.event(logging.ERROR, "failed", error="ValueError", exc_info=True, stack_info=True)
    said = capsys.readouterr()

    assert json.loads(said.err).keys() == {"event", "level", "timestamp", "error"}
    assert SECRET not in said.err + said.out


def test_a_line_break_in_a_field_makes_no_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG")
    logs.event(logging.INFO, "answered", channel="one\ntwo")

    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("level", "written"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_the_level_decides_what_is_written(capsys: pytest.CaptureFixture[str], level: str, written: int) -> None:
    logs.set_up(level)
    for one in LEVELS:
        logs.event(one, "answered")

    assert len(capsys.readouterr().err.splitlines()) == written


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_speak_only_from_warnings_on(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logs.set_up("DEBUG")
    library = logging.getLogger(name)
    library.info("GET https://api.telegram.org/bot%s/getUpdates", SECRET)
    library.debug(SECRET)
    silent = capsys.readouterr().err
    library.warning("cannot send %s", SECRET)

    assert library.getEffectiveLevel() == logging.WARNING
    assert (silent, capsys.readouterr().err) == ("", f"WARNING {name}\n")


def test_an_exception_of_a_library_shows_neither_its_words_nor_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("WARNING")
    try:
        raise ValueError(f"cannot reach https://api.telegram.org/bot{SECRET}/sendMessage?text={SECRET}")
    except ValueError:
        logging.getLogger("telegram.ext").exception("No error handlers are registered: %s", SECRET, stack_info=True)
    said = capsys.readouterr().err

    assert "ERROR telegram.ext" in said
    assert SECRET not in said


def test_setting_up_twice_writes_every_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO")
    logs.set_up("WARNING")
    logs.event(logging.INFO, "answered")
    logs.event(logging.WARNING, "answered")
    logging.getLogger("nio").error("x")

    assert len(capsys.readouterr().err.splitlines()) == 2
