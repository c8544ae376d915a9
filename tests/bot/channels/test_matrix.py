"""The Matrix channel and a real homeserver: dialogues, restarts, rooms, and everything that happens in between."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import nio
import pytest
import pytest_asyncio
import yarl
from aiohttp import web

from bot.channels.matrix import MatrixChannel
from bot.channels.port import GoneError, LaterError, Outgoing, RefusedError
from handlers.dialogue import File, Reply
from knowledge.base import Knowledge
from tests.bot.channels.matrix_world import GROUP, Bot, Database, Person, echo, engine, person, running, settings
from tests.conftest import AT
from tests.servers.synapse import Synapse, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = count(1)
Meet = Callable[..., AbstractAsyncContextManager[Person]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Synapse]:
    async with Synapse.started(tmp_path_factory.mktemp("synapse")) as started:
        yield started


class World:
    """An account for the bot of one test, its folder and its database."""

    def __init__(self, server: Synapse, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.name = f"bot{next(NUMBERS)}"
        self.user = server.user_id(self.name)
        self.database = Database()

    @property
    def store(self) -> Path:
        return self.folder / "matrix"

    def bot(self, reply: Any = echo, **more: Any) -> Bot:
        made = settings(self.server, self.store, self.name, **more)
        return Bot(MatrixChannel(made, group=GROUP, secret="geheim"), self.database, reply)

    def person(self, *, keys: bool = False, name: str = "") -> AbstractAsyncContextManager[Person]:
        known = name or f"person{next(NUMBERS)}"
        return person(self.server, known, self.folder / known if keys else None, self.user)


@pytest_asyncio.fixture(loop_scope="module")
async def world(server: Synapse, tmp_path: Path) -> World:
    made = World(server, tmp_path)
    await server.register(made.name, made.name)
    return made


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_dialogue_leads_to_a_card(world: World, knowledge: Knowledge, encrypted: bool) -> None:
    bot = world.bot(engine(knowledge, world.database, AT))
    async with running(bot), world.person(keys=encrypted) as anna:
        room = await anna.invite_bot(encrypted=encrypted)
        greeting = await anna.ask(room, "Hallo")
        menu = await anna.ask(room, "2")
        card = await anna.ask(room, "Mein Kind hat Angst vor der Schule")

    assert "Wer fragt?" in greeting.body
    assert "  1) " in menu.body
    assert "Schulpsychologische Beratungsstelle" in card.body
    assert "<strong>Schulpsychologische Beratungsstelle" in card.formatted_body
    assert isinstance(card, nio.RoomMessageNotice)
    assert card.decrypted is encrypted


async def test_help_in_danger_comes_first(world: World, knowledge: Knowledge) -> None:
    async with running(world.bot(engine(knowledge, world.database, AT))), world.person() as anna:
        room = await anna.invite_bot()
        answer = await anna.ask(room, "Ich will nicht mehr leben")

    assert "112" in answer.body.splitlines()[1]
    assert '<a href="tel:112">112</a>' in answer.formatted_body


async def test_a_message_that_was_written_before_the_bot_joined_is_answered(world: World) -> None:
    async with world.person() as anna:
        room = await anna.open_room(world.user)
        await anna.say(room, "Hallo?")
        async with running(world.bot()):
            answer = await anna.answer(room, 1)

    assert answer.body == "Echo: Hallo?"


async def test_after_a_restart_nothing_is_lost_and_nothing_answered_again(world: World) -> None:
    async with world.person(keys=True) as anna:
        async with running(world.bot()):
            room = await anna.invite_bot(encrypted=True)
            await anna.ask(room, "eins")
        await anna.say(room, "zwei")
        await anna.say(room, "drei")
        async with running(world.bot()):
            await anna.answer(room, 3)
            last = await anna.ask(room, "vier")

    assert [event.body for event in anna.answers(room)] == ["Echo: eins", "Echo: zwei", "Echo: drei", "Echo: vier"]
    assert last.decrypted


async def test_without_a_cursor_nothing_old_is_answered(world: World) -> None:
    async with world.person() as anna:
        async with running(world.bot()):
            room = await anna.invite_bot()
            await anna.ask(room, "eins")
        await anna.say(room, "zwei")
        world.database.cursor = None
        async with running(world.bot()):
            await anna.ask(room, "drei")

    assert [event.body for event in anna.answers(room)] == ["Echo: eins", "Echo: drei"]


async def test_a_homeserver_that_restarts_costs_nothing(world: World, server: Synapse) -> None:
    async with running(world.bot()), world.person() as anna:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        await server.stop()
        await server.start()
        answer = await anna.ask(room, "zwei")

    assert answer.body == "Echo: zwei"
    assert len(anna.answers(room)) == 2


async def test_a_gap_of_150_messages_is_filled(world: World) -> None:
    async with world.person(keys=True) as anna:
        async with running(world.bot()):
            room = await anna.invite_bot(encrypted=True)
            await anna.ask(room, "Anfang")
        sent = [await anna.say(room, f"Nummer {number}") for number in range(150)]
        bot = world.bot(lambda incoming: ())
        async with running(bot):
            await bot.until(lambda: len(bot.accepted) >= 150)

    assert [incoming.id for incoming in bot.accepted] == sent
    assert [incoming.text for incoming in bot.accepted] == [f"Nummer {number}" for number in range(150)]


async def test_a_database_that_fails_gets_the_same_messages_again(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person() as anna:
        room = await anna.invite_bot()
        world.database.broken = 2
        answer = await anna.ask(room, "eins")

    assert answer.body == "Echo: eins"
    assert world.database.broken == 0


async def test_the_same_id_is_one_message(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        await anna.ask(room, "eins")
        for _ in range(2):
            await bot.channel.send(Outgoing(room, "immer-gleich", {"content": {"msgtype": "m.notice", "body": "x"}}))
        await anna.answer(room, 2)
        await anna.ask(room, "zwei")

    assert [event.body for event in anna.answers(room)] == ["Echo: eins", "x", "Echo: zwei"]


async def test_an_edit_is_a_new_message(world: World) -> None:
    async with running(world.bot()), world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        await anna.ask(room, "eins")
        old = anna.seen[-2][1].event_id
        new = {"msgtype": "m.text", "body": "zwei"}
        answer = await anna.ask(room, "* zwei", **{"m.new_content": new, "m.relates_to": _relates("m.replace", old)})

    assert answer.body == "Echo: zwei"


async def test_the_quotation_of_an_answer_is_not_read(world: World) -> None:
    async with running(world.bot()), world.person() as anna:
        room = await anna.invite_bot()
        first = await anna.ask(room, "eins")
        related = {"m.relates_to": {"m.in_reply_to": {"event_id": first.event_id}}}
        answer = await anna.ask(room, "> <@x:localhost> Echo: eins\n> mehr\n\nzwei", **related)

    assert answer.body == "Echo: zwei"


async def test_a_thread_is_answered_in_the_thread(world: World) -> None:
    async with running(world.bot()), world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        first = await anna.ask(room, "eins")
        answer = await anna.ask(room, "zwei", **{"m.relates_to": _relates("m.thread", first.event_id)})

    related = answer.source["content"]["m.relates_to"]
    assert (related["rel_type"], related["event_id"]) == ("m.thread", first.event_id)


async def test_a_number_below_the_newest_message_is_typed_and_below_an_older_one_stale(world: World) -> None:
    async with running(world.bot()), world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        first = await anna.ask(room, "eins")
        await anna.post(room, "m.reaction", {"m.relates_to": {**_relates("m.annotation", first.event_id), "key": "2️⃣"}})
        second = await anna.answer(room, 2)
        await anna.post(room, "m.reaction", {"m.relates_to": {**_relates("m.annotation", first.event_id), "key": "3"}})
        third = await anna.answer(room, 3)

    assert (second.body, third.body) == ("Echo: 2", "Echo: old")


async def test_what_needs_no_answer_gets_none(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person() as anna:
        room = await anna.invite_bot()
        mine = await anna.say(room, "eins")
        await anna.answer(room, 1)
        await anna.client.room_redact(room, mine)
        await anna.post(room, "m.room.message", {"msgtype": "m.notice", "body": "Ich bin auch ein Bot"})
        await anna.post(room, "m.reaction", {"m.relates_to": {**_relates("m.annotation", mine), "key": "1️⃣"}})
        await anna.post(room, "m.reaction", {"m.relates_to": {**_relates("m.annotation", mine), "key": "👍"}})
        await anna.post(room, "org.example.unknown", {"body": "?"})
        await anna.ask(room, "zwei")

    assert [incoming.text for incoming in bot.accepted] == ["eins", "zwei"]


@pytest.mark.parametrize("kind", ["m.image", "m.audio", "m.video", "m.file"])
async def test_a_picture_is_answered_with_one_line_and_its_caption_is_read(world: World, kind: str) -> None:
    media = {"msgtype": kind, "body": "bild.jpg", "url": "mxc://localhost/x"}
    async with running(world.bot()), world.person() as anna:
        room = await anna.invite_bot()
        await anna.post(room, "m.room.message", media)
        silent = await anna.answer(room, 1)
        await anna.post(room, "m.room.message", {**media, "filename": "bild.jpg", "body": "Hilfe"})
        caption = await anna.answer(room, 2)

    assert (silent.body, caption.body) == ("Echo: do/unreadable", "Echo: Hilfe")


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_file_arrives_as_it_is(world: World, encrypted: bool) -> None:
    content = b"BEGIN:VCARD\r\n" * 100
    reply = Reply("Hier", files=(File("kontakt.vcf", "text/vcard", content),))
    async with running(world.bot(lambda _: (reply,))), world.person(keys=encrypted) as anna:
        room = await anna.invite_bot(encrypted=encrypted)
        await anna.say(room, "eins")
        event = await anna.answer(room, 2)
        got = await anna.client.download(event.url)
        data = got.body
        if encrypted:
            file = event.source["content"]["file"]
            data = nio.crypto.decrypt_attachment(data, file["key"]["k"], file["hashes"]["sha256"], file["iv"])

    assert (event.body, data) == ("kontakt.vcf", content)


async def test_keys_that_come_late_still_open_the_message_even_after_a_restart(world: World) -> None:
    async with world.person(keys=True) as anna:
        async with running(world.bot()):
            room = await anna.invite_bot(encrypted=True)
            first = await anna.ask(room, "eins")
            give = await _say_without_key(anna, room, "zwei")
            await anna.post(
                room, "m.reaction", {"m.relates_to": {**_relates("m.annotation", first.event_id), "key": "5"}}
            )
            await anna.answer(room, 2)
        async with running(world.bot()):
            await give()
            late = await anna.answer(room, 3)

    assert late.body == "Echo: zwei"


async def test_a_message_whose_key_never_comes_is_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.matrix.reader.LATE", 0.5)
    async with running(world.bot()), world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        await anna.ask(room, "eins")
        await _say_without_key(anna, room, "zwei")
        answer = await anna.answer(room, 2)

    assert answer.body == "Echo: do/undecryptable"


# rooms


async def test_invitations_of_other_servers_are_declined(world: World) -> None:
    async with running(world.bot(allowed_servers=("example.org",))), world.person() as anna:
        room = await anna.open_room(world.user)
        await anna.until(lambda: anna.members.get((room, world.user)) == "leave")

    assert not anna.answers(room)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_group_is_left_with_one_sentence(world: World, encrypted: bool) -> None:
    bot = world.bot()
    async with running(bot), world.person(keys=encrypted) as anna, world.person(keys=encrypted) as ben:
        room = await anna.open_room(world.user, ben.client.user_id, encrypted=encrypted)
        await anna.say(room, "Hallo")
        await anna.until(lambda: anna.members.get((room, world.user)) == "leave")

    assert [event.body for event in anna.answers(room)] == [GROUP]
    assert bot.accepted == []


async def test_the_bot_leaves_when_a_third_person_is_invited(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person() as anna, world.person() as ben:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        await anna.client.room_invite(room, ben.client.user_id)
        await anna.until(lambda: anna.members.get((room, world.user)) == "leave")
        with pytest.raises(GoneError):
            await bot.channel.send(Outgoing(room, "x", {"content": {"msgtype": "m.notice", "body": "x"}}))

    assert [event.body for event in anna.answers(room)] == ["Echo: eins", GROUP]


async def test_a_room_that_everybody_left_is_left(world: World) -> None:
    async with running(world.bot()), world.person() as anna:
        room = await anna.invite_bot()
        await anna.client.room_leave(room)
        path = f"/_synapse/admin/v1/rooms/{room}/members"
        async with asyncio.timeout(10):
            while (await world.server.as_admin("GET", path))["total"]:
                await asyncio.sleep(0.05)


async def test_a_room_that_moved_is_followed(world: World) -> None:
    async with running(world.bot()), world.person() as anna:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        new = await anna.open_room(world.user)
        await anna.client.room_put_state(room, "m.room.tombstone", {"body": "weiter", "replacement_room": new})
        await anna.until(lambda: anna.members.get((new, world.user)) == "join")
        answer = await anna.ask(new, "zwei")

    assert answer.body == "Echo: zwei"


async def test_a_kicked_bot_is_gone_and_comes_back_when_it_is_invited(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person() as anna:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        await anna.client.room_kick(room, world.user)
        with pytest.raises(GoneError):
            await bot.channel.send(Outgoing(room, "x", {"content": {"msgtype": "m.notice", "body": "x"}}))
        await anna.say(room, "zwei")
        await anna.client.room_invite(room, world.user)
        answer = await anna.ask(room, "drei")

    assert answer.body == "Echo: drei"
    assert [incoming.text for incoming in bot.accepted] == ["eins", "drei"]


# the account


async def test_an_expired_token_is_renewed_on_the_same_device(world: World, server: Synapse) -> None:
    async with running(world.bot()) as bot, world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        await anna.ask(room, "eins")
        device = bot.channel.device
        await server.expire(device)
        answer = await anna.ask(room, "zwei")
        assert bot.channel.device == device

    assert answer.body == "Echo: zwei"


async def test_a_deleted_device_is_replaced_by_a_new_one(world: World, server: Synapse) -> None:
    async with running(world.bot()) as bot, world.person(keys=True) as anna:
        room = await anna.invite_bot(encrypted=True)
        await anna.ask(room, "eins")
        device = bot.channel.device
        await server.log_out(world.user, device)
        with pytest.raises(LaterError):
            await bot.channel.send(Outgoing(room, "x", {"content": {"msgtype": "m.notice", "body": "x"}}))
        await anna.until(lambda: {known.id for known in _devices(anna, world.user)} - {device} or None)
        answer = await anna.ask(room, "zwei")
        assert bot.channel.device != device

    assert answer.body == "Echo: zwei"


async def test_an_access_token_is_enough(world: World, server: Synapse) -> None:
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": world.name},
        "password": world.name,
    }
    token = (await server.call("POST", "/_matrix/client/v3/login", login))["access_token"]
    for _ in range(2):
        async with running(world.bot(password=None, access_token=token)), world.person(keys=True) as anna:
            room = await anna.invite_bot(encrypted=True)
            answer = await anna.ask(room, "eins")
            assert answer.body == "Echo: eins"


async def test_limits_of_the_homeserver_are_obeyed(world: World, server: Synapse) -> None:
    notice = {"content": {"msgtype": "m.notice", "body": "x"}}
    bot = world.bot()
    async with running(bot), world.person() as anna:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        await server.limit(world.user, 1, 1)
        with pytest.raises(LaterError) as later:  # noqa: PT012 - which of them is one too many, the server decides
            for name in "abcde":
                await bot.channel.send(Outgoing(room, name, notice))
        await server.limit(world.user, 0, 0)

    assert later.value.seconds
    assert 0 < later.value.seconds <= 10


async def test_a_message_that_is_too_long_is_refused(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person() as anna:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        with pytest.raises(RefusedError):
            await bot.channel.send(Outgoing(room, "a", {"content": {"msgtype": "m.notice", "body": "x" * 70_000}}))


async def test_the_person_sees_that_it_was_read_and_that_an_answer_is_written(world: World) -> None:
    bot = world.bot()
    async with running(bot), world.person() as anna:
        room = await anna.invite_bot()
        await anna.ask(room, "eins")
        await bot.channel.typing(room)
        await anna.until(lambda: world.user in anna.client.rooms[room].typing_users or None)
        await anna.ask(room, "zwei")
        await anna.until(lambda: world.user not in anna.client.rooms[room].typing_users or None)
        read = {receipt.user_id for receipt in anna.client.rooms[room].read_receipts.values()}

    assert world.user in read


# what fails on the way


class Proxy:
    """In front of the homeserver; the next requests of the *failing* kinds get the error page of a gateway."""

    def __init__(self, target: str) -> None:
        self.failing: list[str] = []
        self.port = free_port()
        self._target = target
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        for kind in self.failing:
            if f"/{kind}" in request.path:
                self.failing.remove(kind)
                return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        assert self._session
        headers = {name: value for name, value in request.headers.items() if name in {"Authorization", "Content-Type"}}
        address = self._target + str(request.rel_url)
        async with self._session.request(
            request.method, yarl.URL(address, encoded=True), data=await request.read(), headers=headers
        ) as got:
            return web.Response(status=got.status, body=await got.read(), content_type=got.content_type)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            async with aiohttp.ClientSession() as self._session:
                yield self
        finally:
            await runner.cleanup()


@pytest.mark.parametrize("kind", ["sendToDevice", "keys/claim", "keys/query", "joined_members", "send/", "sync"])
async def test_whatever_fails_once_every_device_can_read_the_answer(world: World, server: Synapse, kind: str) -> None:
    async with (
        Proxy(server.url).running() as proxy,
        running(world.bot(homeserver=proxy.url)),
        world.person(keys=True, name=f"zwei{kind[:4]}") as anna,
        world.person(keys=True, name=f"zwei{kind[:4]}") as phone,
    ):
        room = await anna.invite_bot(encrypted=True)
        proxy.failing = [kind] * 2
        answers = (await anna.ask(room, "eins"), await phone.answer(room, 1))

    assert [(answer.body, answer.decrypted) for answer in answers] == [("Echo: eins", True)] * 2
    assert proxy.failing == []


async def test_a_place_that_the_homeserver_never_gave_is_replaced(world: World) -> None:
    async with world.person() as anna:
        async with running(world.bot()):
            room = await anna.invite_bot()
            await anna.ask(room, "eins")
        await anna.say(room, "zwei")
        world.database.cursor = "erfunden"
        async with running(world.bot()):
            answer = await anna.answer(room, 2)

    assert answer.body == "Echo: zwei"


# what rests on the disk


async def test_nothing_on_the_disk_says_who_wrote(world: World) -> None:
    async with running(world.bot()), world.person(keys=True, name="kanarienvogel") as anna:
        room = await anna.invite_bot(encrypted=True)
        await anna.ask(room, "Geheimnis")
        anna_id = anna.client.user_id
    written = {path.name: path.read_bytes() for path in world.store.iterdir()}

    assert not [
        name for name, data in written.items() for word in (anna_id, room, "Geheimnis") if word.encode() in data
    ]
    assert {oct(path.stat().st_mode & 0o777) for path in (world.store, *world.store.iterdir())} == {"0o700", "0o600"}
    with sqlite3.connect(world.store / "keys.db") as keys:
        assert keys.execute("SELECT count(*) FROM megolminboundsessions").fetchone() != (0,)
    keys.close()


async def _say_without_key(anna: Person, room: str, text: str) -> Callable[[], Any]:
    """The key is made, but only sent when the returned function is called."""
    client = anna.client
    client.invalidate_outbound_session(room)
    if missing := client.get_missing_sessions(room):
        await client.keys_claim(missing)
    users = list(client.rooms[room].users)
    held = list(client.olm.share_group_session_parallel(room, users, ignore_unverified_devices=True))
    client.olm.outbound_group_sessions[room].shared = True
    await anna.say(room, text)

    async def give() -> None:
        for _, messages in held:
            path = f"/_matrix/client/v3/sendToDevice/m.room.encrypted/{os.urandom(8).hex()}"
            headers = {"Authorization": f"Bearer {client.access_token}"}
            answer = await client.send("PUT", path, nio.Api.to_json(messages), headers)
            assert answer.ok

    return give


def _devices(anna: Person, user: str) -> list[Any]:
    return list(anna.client.device_store.active_user_devices(user))


def _relates(kind: str, event: str) -> dict[str, Any]:
    return {"rel_type": kind, "event_id": event}
