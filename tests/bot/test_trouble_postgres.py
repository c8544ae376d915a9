"""PostgreSQL goes away and comes back while people write: nobody is lost, nobody is counted twice."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.serve import Service, serve
from bot.store import AwayError, Count, Done
from bot.store.sql import SqlStore
from bot.store.writer import Writer
from knowledge.base import Knowledge
from tests.bot.pigeon import Pigeon, Platform
from tests.bot.test_pipeline import Loft
from tests.servers.postgres import Postgres

NONSENSE = "qxv zzyk wrrp"  # counted once for each message, as not understood
SOON = 30  # seconds until all must be as before
CELL = Count("dortmund", "2026-W47", "schulangst", "parent", "schulpsychologie", "web", "referred")


class Crowd:
    """Eight people who go on writing, a message after the other, until they are hushed."""

    def __init__(self, platform: Platform) -> None:
        self.said = 0
        self._platform = platform
        self._hush = asyncio.Event()
        self._task = asyncio.create_task(self._talk())

    async def _talk(self) -> None:
        while not self._hush.is_set():
            self._platform.say(str(self.said % 8), NONSENSE)
            self.said += 1
            await asyncio.sleep(0.01)

    async def hushed(self) -> None:
        self._hush.set()
        await self._task


class Wire:
    """A TCP port of the server that can cut connections in the worst moment: the commit is done, nobody is told."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._server = str(Path(str(address.query["host"])) / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        through = address.set(host="127.0.0.1", port=port).difference_update_query(["host"])
        self.url = through.render_as_string(hide_password=False)
        self.cuts = 0
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open += [client, server]
                cut = threading.Event()
                for pump in (self._asking, self._answering):
                    threading.Thread(target=pump, args=(client, server, cut), daemon=True).start()

    def _asking(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.cuts and b"COMMIT" in data:
                    self.cuts -= 1
                    cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)

    def _answering(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if cut.is_set():
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(postgres: Postgres) -> Iterator[Wire]:
    with closing(Wire(postgres.fresh())) as made:
        yield made


async def weathered(knowledge: Knowledge, url: str, trouble: Callable[[], None]) -> None:
    """Serve a crowd while *trouble* comes: soon all is as before, each is answered, and counted once."""
    with closing(SqlStore(url)) as store:
        loft, stop = Loft(knowledge, store), asyncio.Event()
        works = loft.works(Writer(store))
        service = Service(works, store, loft.keys, knowledge, (Pigeon(loft.platform),))
        running = asyncio.create_task(serve(service, stop))
        crowd = Crowd(loft.platform)
        await loft.platform.until(20)
        await asyncio.to_thread(trouble)
        before = crowd.said
        while crowd.said < before + 50:
            await asyncio.sleep(0.01)
        await crowd.hushed()
        async with asyncio.timeout(SOON):
            while loft.platform.waiting or len(_answers(loft)) < crowd.said:
                await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(running, 20)
    with closing(SqlStore(url)) as store:
        assert (store.inbox(), store.outbox()) == ([], [])
        assert sum(count.n for count in store.tally() if count.outcome == "not-understood") == crowd.said
    assert len(_answers(loft)) == crowd.said


def _answers(loft: Loft) -> list[str]:
    """What was delivered, each once, without apologies."""
    return [one for one in loft.platform.seen if not one.startswith("sorry")]


async def test_connections_that_end_under_load_cost_nothing(knowledge: Knowledge, postgres: Postgres) -> None:
    await weathered(knowledge, postgres.fresh(), postgres.disconnect)


async def test_a_server_that_stops_and_starts_under_load_costs_nothing(
    knowledge: Knowledge, postgres: Postgres
) -> None:
    def restart() -> None:
        postgres.stop()
        postgres.start()

    await weathered(knowledge, postgres.fresh(), restart)


async def test_a_commit_whose_answer_is_lost_is_found_again(knowledge: Knowledge, wire: Wire) -> None:
    def cut() -> None:
        wire.cuts = 3

    await weathered(knowledge, wire.url, cut)
    assert wire.cuts == 0


async def test_a_visitor_of_the_door_is_not_counted_twice_when_the_answer_of_a_commit_is_lost(wire: Wire) -> None:
    with closing(SqlStore(wire.url)) as store:
        writer = Writer(store)
        wire.cuts = 1
        with pytest.raises(AwayError):
            await writer.done(Done((), None, (CELL,)))
        await writer.close()

        assert store.tally() == [CELL]
