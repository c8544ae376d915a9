"""Homes for the command, and stores to work on."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.keyring import in_memory_folder
from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from knowledge.base import Knowledge
from tests.conftest import CACHE
from tests.home import Home, logging_as_before
from tests.servers.postgres import Postgres, running

SHM = "/dev/shm"  # noqa: S108 - a memory file system, the only place where keys may be written


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    with logging_as_before():
        yield


@pytest.fixture(scope="session")
def cache(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the fitted search in it."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / "schullotse").mkdir()
    for path in CACHE.iterdir():
        with suppress(FileNotFoundError):  # another process is just replacing it; then the command fits it anew
            shutil.copy(path, folder / "schullotse")
    return folder


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Iterator[Home]:
    """Keys rest in memory where this machine has a memory file system; elsewhere they are not written at all."""
    in_memory = in_memory_folder({"XDG_RUNTIME_DIR": SHM}) is not None
    runtime = Path(tempfile.mkdtemp(prefix="schullotse-", dir=SHM if in_memory else tmp_path))
    yield Home(tmp_path, cache, runtime)
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(scope="session")
def city_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for more cities than are shipped; in the other one the search of the shipped packs must stay."""
    return tmp_path_factory.mktemp("cities")


@pytest.fixture
def city(home: Home, city_cache: Path) -> Home:
    """A home in which a city makes its own pack."""
    return replace(home, cache=city_cache)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Makes the store of each kind; one in a database opens the same database every time."""
    if request.param == "memory":
        return MemoryStore
    url = f"sqlite:///{tmp_path / 'store' / 'schullotse.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").fresh()
    return lambda: SqlStore(url)


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Iterator[Store]:
    made = new_store()
    yield made
    made.close()
