"""The Matrix channel and a homeserver that misbehaves: it waits, goes on, and says what a person can do."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.channels.matrix import MatrixChannel, channel
from bot.channels.port import ChannelError, GoneError, LaterError, Outgoing, RefusedError
from config.settings import Matrix
from tests.bot.channels.matrix_world import GROUP, Bot, Database, echo, running
from tests.servers.synapse import free_port

ME, ANNA, ROOM = "@bot:localhost", "@anna:localhost", "!room:localhost"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def member(user: str, **more: Any) -> dict[str, Any]:
    content = {"membership": "join"}
    return {**said(0, user), "type": "m.room.member", "state_key": user, "content": content, **more}


def said(number: int, sender: str = ANNA, **more: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": f"Nummer {number}"}
    return {
        "type": "m.room.message", "sender": sender, "event_id": f"${number}{sender}", "origin_server_ts": 1,
        "content": content, **more,
    }  # fmt: skip


def synced(token: str, *events: Any, **more: Any) -> dict[str, Any]:
    room = {"state": {"events": [member(ME), member(ANNA)]}, "timeline": {"events": list(events)}}
    return {"next_batch": token, "rooms": {"join": {ROOM: room}}, **more}


def as_json(body: Any) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body)

    return answer


def as_error(status: int, code: str, **more: Any) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"errcode": code, "error": "Kanarienvogel", **more}, status=status)

    return answer


def as_page(status: int) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<html>Kanarienvogel</html>", content_type="text/html")

    return answer


def as_bytes(body: bytes) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return answer


async def dropped(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"next_batch": ')
    assert request.transport
    request.transport.abort()
    return response


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


class Homeserver:
    """Answers as it is told: *syncs* and *sends* in turn; when they are used up, with silence and with success."""

    def __init__(self) -> None:
        self.syncs: list[Answer] = []
        self.sends: list[Answer] = []
        self.others: dict[str, Answer] = {
            "login": as_json({"user_id": ME, "device_id": "D", "access_token": "token"}),
            "whoami": as_json({"user_id": ME, "device_id": "D"}),
            "upload": as_json({"one_time_key_counts": {}}),
            "messages": as_json({"chunk": [], "start": "a"}),
        }
        self.asked: list[web.Request] = []
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()  # so that it can be looked at afterwards
        self.asked.append(request)
        if request.path.endswith("/sync"):
            return await (self.syncs.pop(0) if self.syncs else silent)(request)
        if "/send/" in request.path:
            return await (self.sends.pop(0) if self.sends else as_json({"event_id": "$1"}))(request)
        return await self.others.get(request.path.rpartition("/")[2], as_json({}))(request)

    def since(self) -> list[str | None]:
        return [request.query.get("since") for request in self.asked if request.path.endswith("/sync")]


@pytest_asyncio.fixture
async def homeserver() -> AsyncIterator[Homeserver]:
    made = Homeserver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    yield made
    await runner.cleanup()


def bot(server: Homeserver, folder: Path, cursor: str | None = "start", **more: Any) -> Bot:
    values = {"homeserver": server.url, "user": ME, "password": "geheim", "store": folder / "matrix", **more}
    return Bot(MatrixChannel(Matrix(**values), group=GROUP), Database(cursor), echo)


@pytest.mark.parametrize(
    "trouble",
    [
        as_json({}),
        as_json([]),
        as_json({"next_batch": 7, "rooms": 7}),
        as_bytes(b"\xff\xfe"),
        as_bytes(b"{" * 10),
        as_page(502),
        as_page(200),
        as_error(500, "M_UNKNOWN"),
        dropped,
        cut,
    ],
)
async def test_after_trouble_the_same_place_is_asked_for_again(
    homeserver: Homeserver, tmp_path: Path, trouble: Answer
) -> None:
    homeserver.syncs = [trouble, as_json(synced("eins", said(1)))]
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: bool(made.accepted))

    assert made.database.cursor == "eins"
    assert homeserver.since()[:2] == ["start", "start"]


async def test_trouble_without_end_is_no_busy_loop(homeserver: Homeserver, tmp_path: Path) -> None:
    homeserver.syncs = [as_json({})] * 3 + [as_json(synced("eins", said(1)))]
    made = bot(homeserver, tmp_path)
    began = time.monotonic()
    async with running(made):
        await made.until(lambda: bool(made.accepted))

    assert time.monotonic() - began > 1.7  # half of 0.5, 1 and 2 seconds


async def test_answers_that_come_at_once_without_news_are_no_busy_loop(homeserver: Homeserver, tmp_path: Path) -> None:
    homeserver.syncs = [as_json({"next_batch": "start"})] * 3 + [as_json(synced("eins", said(1)))]
    made = bot(homeserver, tmp_path)
    began = time.monotonic()
    async with running(made):
        await made.until(lambda: bool(made.accepted))

    assert time.monotonic() - began > 1.4


async def test_a_homeserver_that_falls_silent_is_asked_again(
    homeserver: Homeserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST", "POLL", "GRACE"):
        monkeypatch.setattr(channel, name, 0.2)
    homeserver.syncs = [silent, as_json(synced("eins", said(1))), silent, as_json(synced("zwei", said(2)))]
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: len(made.accepted) == 2)

    assert homeserver.since()[:4] == ["start", "start", "eins", "eins"]


HOSTILE = [
    7,
    {"type": []},
    {**said(1), "content": []},
    {**said(1), "content": {"msgtype": "m.text", "body": ["Kanarienvogel"]}},
    {**said(1), "unsigned": {"prev_content": 7}, "type": "m.room.member", "state_key": ANNA},
    member("@c:d", content={"membership": "join", "displayname": []}),
    {**said(1), "type": "m.room.encrypted", "content": {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": 7}},
    {**said(1), "type": "m.reaction", "content": {"m.relates_to": [[]]}},
]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_hostile_event_costs_nobody_anything(homeserver: Homeserver, tmp_path: Path, hostile: Any) -> None:
    homeserver.syncs = [as_json(synced("eins", hostile, said(2)))]
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: bool(made.accepted))

    assert [incoming.text for incoming in made.accepted] == ["Nummer 2"]
    assert len(homeserver.since()) <= 2


@pytest.mark.parametrize("content", [{}, {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "x"}, []])
@pytest.mark.parametrize("kind", ["m.room.encrypted", "m.room_key_request", "m.key.verification.start", "m.dummy"])
async def test_hostile_messages_to_the_device_cost_nobody_anything(
    homeserver: Homeserver, tmp_path: Path, kind: str, content: Any
) -> None:
    event = {"type": kind, "sender": ANNA, "content": content}
    await _only_message_arrives(homeserver, tmp_path, [event, 7])


async def test_a_forged_olm_message_costs_nobody_anything(homeserver: Homeserver, tmp_path: Path) -> None:
    made = bot(homeserver, tmp_path)
    await made.channel.open()
    client = made.channel._connection.client
    key = client.olm.account.identity_keys["curve25519"]
    await made.channel.close()
    for body in ("%%%", "AAAA", ""):
        for number in (0, 1, 2):
            ciphertext = {key: {"type": number, "body": body}}
            content = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": key, "ciphertext": ciphertext}
            event = {"type": "m.room.encrypted", "sender": ANNA, "content": content}
            await _only_message_arrives(homeserver, tmp_path, [event])


async def _only_message_arrives(homeserver: Homeserver, folder: Path, to_device: list[Any]) -> None:
    homeserver.syncs = [as_json(synced("eins", said(2), to_device={"events": to_device}))]
    made = bot(homeserver, folder)
    async with running(made):
        await made.until(lambda: bool(made.accepted))
    assert [incoming.text for incoming in made.accepted] == ["Nummer 2"]


async def test_device_keys_that_nobody_understands_stop_no_answer(homeserver: Homeserver, tmp_path: Path) -> None:
    encryption = {
        **said(9), "type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"},
    }  # fmt: skip
    answer = synced("eins")
    answer["rooms"]["join"][ROOM]["state"]["events"].append(encryption)
    homeserver.syncs = [as_json(answer)]
    homeserver.others["joined_members"] = as_json({"joined": {ME: {}, ANNA: {}}})
    homeserver.others["query"] = as_json({"device_keys": {ANNA: {"X": 7}}, "failures": {}})
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: made.database.cursor == "eins")
        await made.channel.send(Outgoing(ROOM, "x", {"content": {"msgtype": "m.notice", "body": "Kanarienvogel"}}))
    (sent,) = (request for request in homeserver.asked if "/send/" in request.path)

    assert "m.room.encrypted" in sent.path
    assert "Kanarienvogel" not in await sent.text()


async def test_an_unknown_place_is_replaced_and_only_the_unanswered_counts(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    homeserver.syncs = [
        as_error(400, "M_INVALID_PARAM"),
        as_json(synced("neu", said(1), {**said(2, ME), "event_id": "$mine"}, said(3))),
    ]
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: bool(made.accepted))

    assert [incoming.text for incoming in made.accepted] == ["Nummer 3"]
    assert homeserver.since()[:2] == ["start", None]


async def test_a_gap_is_asked_for_until_it_is_filled(homeserver: Homeserver, tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    older = [said(1, origin_server_ts=now), said(0, origin_server_ts=1)]
    pages = [
        as_page(502),
        as_json({"chunk": [said(2, origin_server_ts=now)], "start": "p", "end": "q"}),
        as_json({"chunk": older, "start": "q", "end": "r"}),
    ]

    async def page(request: web.Request) -> web.StreamResponse:
        return await pages.pop(0)(request)

    homeserver.others["messages"] = page
    answer = synced("eins", said(3))
    answer["rooms"]["join"][ROOM]["timeline"] |= {"limited": True, "prev_batch": "p"}
    homeserver.syncs = [as_json(answer)]
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: bool(made.accepted))

    assert [incoming.text for incoming in made.accepted] == ["Nummer 1", "Nummer 2", "Nummer 3"]
    assert pages == []


@pytest.mark.parametrize(
    ("answer", "error", "seconds"),
    [
        (as_error(429, "M_LIMIT_EXCEEDED", retry_after_ms=3000), LaterError, 3.0),
        (as_error(429, "M_LIMIT_EXCEEDED"), LaterError, None),
        (as_page(429), LaterError, None),
        (as_page(502), LaterError, None),
        (as_json({}), LaterError, None),
        (as_bytes(b"\xff"), LaterError, None),
        (dropped, LaterError, None),
        (cut, LaterError, None),
        (as_error(403, "M_FORBIDDEN"), GoneError, None),
        (as_error(404, "M_NOT_FOUND"), GoneError, None),
        (as_error(413, "M_TOO_LARGE"), RefusedError, None),
        (as_page(413), RefusedError, None),
        (as_error(403, "M_USER_DEACTIVATED"), LaterError, 60.0),
    ],
)
async def test_what_sending_says(
    homeserver: Homeserver, tmp_path: Path, answer: Answer, error: type[Exception], seconds: float | None
) -> None:
    homeserver.syncs = [as_json(synced("eins"))]
    homeserver.sends = [answer, answer]  # aiohttp itself tries a dropped connection once more
    made = bot(homeserver, tmp_path)
    async with running(made):
        await made.until(lambda: made.database.cursor == "eins")
        with pytest.raises(error) as raised:
            await made.channel.send(Outgoing(ROOM, "x", {"content": {"msgtype": "m.notice", "body": "x"}}))

    assert getattr(raised.value, "seconds", None) == seconds
    assert str(raised.value) == ""


async def test_a_room_of_which_nothing_is_known_yet_is_tried_later(homeserver: Homeserver, tmp_path: Path) -> None:
    made = bot(homeserver, tmp_path)
    notice = Outgoing(ROOM, "x", {"content": {"msgtype": "m.notice", "body": "x"}})
    with pytest.raises(LaterError):
        await made.channel.send(notice)
    async with running(made):
        with pytest.raises(LaterError):
            await made.channel.send(notice)


# opening


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"homeserver": "http://homeserver.invalid"}, "HOMESERVER"),
        ({"homeserver": "matrix.example.org"}, "HOMESERVER"),
        ({"homeserver": "http://127.0.0.1:x"}, "HOMESERVER"),
        ({"user": "bot"}, "USER"),
        ({"password": None}, "PASSWORD"),
    ],
)
async def test_a_wrong_setting_is_named(
    homeserver: Homeserver, tmp_path: Path, settings: dict[str, Any], word: str
) -> None:
    made = bot(homeserver, tmp_path, **settings)
    with pytest.raises(ChannelError, match=f"SCHULLOTSE_MATRIX__{word}"):
        await made.channel.open()
    await made.channel.close()


@pytest.mark.parametrize(
    ("login", "error"),
    [
        (as_error(403, "M_FORBIDDEN"), ChannelError),
        (as_error(403, "M_USER_DEACTIVATED"), ChannelError),
        (as_page(200), ChannelError),
        (as_page(404), ChannelError),
        (as_page(502), LaterError),
        (as_error(429, "M_LIMIT_EXCEEDED"), LaterError),
        (dropped, LaterError),
    ],
)
async def test_what_logging_in_says(
    homeserver: Homeserver, tmp_path: Path, login: Answer, error: type[Exception]
) -> None:
    homeserver.others["login"] = login
    made = bot(homeserver, tmp_path)
    with pytest.raises(error) as raised:
        await made.channel.open()
    await made.channel.close()

    assert "Kanarienvogel" not in str(raised.value)
    assert "geheim" not in str(raised.value)


async def test_a_homeserver_that_is_down_is_tried_later(tmp_path: Path) -> None:
    made = bot(Homeserver(), tmp_path)
    with pytest.raises(LaterError):
        await made.channel.open()
    await made.channel.close()


@pytest.mark.parametrize("whoami", [as_error(401, "M_UNKNOWN_TOKEN"), as_json({"user_id": ANNA, "device_id": "D"})])
async def test_a_wrong_access_token_is_named(homeserver: Homeserver, tmp_path: Path, whoami: Answer) -> None:
    homeserver.others["whoami"] = whoami
    made = bot(homeserver, tmp_path, password=None, access_token="Kanarienvogel")
    with pytest.raises(ChannelError, match="ACCESS_TOKEN") as raised:
        await made.channel.open()
    await made.channel.close()

    assert "Kanarienvogel" not in str(raised.value)


async def test_a_revoked_token_alone_waits_for_a_person(
    homeserver: Homeserver, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "HOPELESS", 0.1)
    homeserver.syncs = [as_error(401, "M_UNKNOWN_TOKEN"), as_json(synced("eins", said(1)))]
    made = bot(homeserver, tmp_path, password=None, access_token="token")
    async with running(made):
        homeserver.others["whoami"] = as_error(401, "M_UNKNOWN_TOKEN")
        homeserver.syncs = [as_error(401, "M_UNKNOWN_TOKEN"), as_json(synced("eins", said(1)))]
        await made.until(lambda: bool(made.accepted))

    assert "matrix_login_refused" in capsys.readouterr().err


# the folder


async def test_a_second_process_waits(homeserver: Homeserver, tmp_path: Path) -> None:
    first, second = bot(homeserver, tmp_path), bot(homeserver, tmp_path)
    await first.channel.open()
    with pytest.raises(LaterError):
        await second.channel.open()
    await first.channel.close()
    await second.channel.open()
    await second.channel.close()


@pytest.mark.parametrize("damage", ["bytes", "pickle"])
async def test_damaged_keys_are_named(homeserver: Homeserver, tmp_path: Path, damage: str) -> None:
    made = bot(homeserver, tmp_path)
    await made.channel.open()
    await made.channel.close()
    if damage == "bytes":
        (tmp_path / "matrix" / "keys.db").write_bytes(b"Kanarienvogel" * 1000)
    else:
        (tmp_path / "matrix" / "pickle.key").write_text("0" * 64)
    with pytest.raises(ChannelError, match=r"keys in .* are damaged"):
        await made.channel.open()
    await made.channel.close()


async def test_lost_keys_make_a_new_device_with_a_password_and_a_sentence_with_a_token(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    keys = {"device_keys": {ME: {"D": {"keys": {"ed25519:D": "another"}}}}}
    homeserver.others["query"] = as_json(keys)
    with pytest.raises(ChannelError, match="keys of this access token's device are lost"):
        await bot(homeserver, tmp_path, password=None, access_token="token").channel.open()
    homeserver.others["login"] = as_json({"user_id": ME, "device_id": "E", "access_token": "token"})
    for _ in range(2):
        made = bot(homeserver, tmp_path / "other")
        await made.channel.open()
        assert made.channel.device == "E"
        await made.channel.close()
        (tmp_path / "other" / "matrix" / "keys.db").unlink()


async def test_a_folder_that_cannot_be_used_is_named(homeserver: Homeserver, tmp_path: Path) -> None:
    (tmp_path / "matrix").write_text("")
    made = bot(homeserver, tmp_path)
    with pytest.raises(ChannelError, match="SCHULLOTSE_MATRIX__STORE"):
        await made.channel.open()
