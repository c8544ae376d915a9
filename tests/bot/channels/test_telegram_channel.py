"""The Telegram channel at work over real HTTP: receiving, sending, and every failure in between."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from starlette.routing import Route

from bot.channels.port import ChannelError, GoneError, Incoming, LaterError, Outgoing, RefusedError
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.poll import LONGEST, pause, poll
from config import logs
from config.settings import Telegram
from handlers.dialogue import Button, Card, CardLine, File, Reply
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.bot.channels.telegram_bot import BUTTONS, Running, running, said, settings, soon
from tests.servers.telegram import TOKEN, Fault, TelegramServer

PNG = b"\x89PNG\r\n\x1a\n"
CARD = Card("kub", "KuB", (CardLine("phone", "Telefon", "0231 5010017"),))


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as running_server:
        yield running_server


@pytest.fixture
async def bot(server: TelegramServer, knowledge: Knowledge) -> AsyncIterator[Running]:
    async with running(server, knowledge) as running_bot:
        yield running_bot


def closed(server: TelegramServer, knowledge: Knowledge, **changes: object) -> TelegramChannel:
    return TelegramChannel(settings(server, **changes), lambda: knowledge, BUTTONS, answer=1.0, waiting=soon)


def text(chat: int, words: str = "Hallo", **more: object) -> Outgoing:
    return Outgoing(str(chat), "1", {"method": "sendMessage", "text": words, **more})


# opening


async def test_the_commands_are_set_in_every_language_and_only_when_they_differ(
    server: TelegramServer, knowledge: Knowledge
) -> None:
    async with running(server, knowledge):
        pass
    assert set(server.world.commands) == {"", *knowledge.languages} - {"de"}
    assert [each["command"] for each in server.world.commands[""]] == (
        "hilfe neu zurueck sprache datenschutz loeschen mensch stopp".split()
    )
    assert server.world.commands["tr"][0]["description"] == knowledge.texts["tr"].help_button.sie
    assert server.world.count["setMyCommands"] == len(knowledge.languages)

    async with running(server, knowledge):
        pass
    assert server.world.count["setMyCommands"] == len(knowledge.languages)


async def test_a_server_that_knows_no_commands_is_no_reason_to_stay_away(
    server: TelegramServer, knowledge: Knowledge
) -> None:
    server.faults.append(Fault("getMyCommands", status=404, description="Not Found", times=-1))
    async with running(server, knowledge) as bot:
        server.person().says("Moin")
        assert (await bot.hears())[0].text == "Moin"


@pytest.mark.parametrize("token", ["1:wrong", "nonsense", "999:AAAA"])
async def test_a_wrong_token_is_named_without_showing_it(
    server: TelegramServer, knowledge: Knowledge, token: str
) -> None:
    channel = closed(server, knowledge, token=token)
    with pytest.raises(ChannelError) as caught:
        async with asyncio.timeout(2):
            await channel.open()
    await channel.close()
    assert "telegram.token" in str(caught.value)
    assert token not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("token", ["", "1:a b", "1:a\n", "1:a/../b", "1:ü"])
def test_what_is_no_token_is_refused_at_once(knowledge: Knowledge, token: str) -> None:
    with pytest.raises(ChannelError, match=r"telegram\.token is not a token"):
        TelegramChannel(Telegram.model_validate({"token": token}), lambda: knowledge, BUTTONS)


def test_a_webhook_needs_an_address(knowledge: Knowledge) -> None:
    with pytest.raises(ChannelError, match=r"telegram\.webhook_url"):
        TelegramChannel(Telegram.model_validate({"token": TOKEN, "mode": "webhook"}), lambda: knowledge, BUTTONS)


async def test_a_server_that_does_not_answer_is_asked_later(knowledge: Knowledge) -> None:
    async with TelegramServer() as server:
        channel = closed(server, knowledge)
    with pytest.raises(LaterError):
        await channel.open()
    await channel.close()


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault("getMe", status=500), None),
        (Fault("getMe", status=429, retry_after=7), 7),
        (Fault("getMe", body="<html>Bad gateway</html>", status=502), None),
        (Fault("getMe", body="<html>Hotel</html>"), None),
        (Fault("getMe", body="{}"), None),
        (Fault("getMe", body="[]"), None),
        (Fault("getMe", drop="before"), None),
        (Fault("getMe", status=403), None),
    ],
)
async def test_trouble_at_the_start_is_for_later(
    server: TelegramServer, knowledge: Knowledge, fault: Fault, seconds: float | None
) -> None:
    server.faults.append(fault)
    channel = closed(server, knowledge)
    with pytest.raises(LaterError) as caught:
        await channel.open()
    assert caught.value.seconds == seconds
    await channel.open()  # and then it works
    await channel.close()


# receiving


async def test_messages_come_in_their_order_and_are_confirmed_when_kept(server: TelegramServer, bot: Running) -> None:
    person = server.person()
    for number in range(250):  # more than one batch
        person.says(str(number))

    heard = await bot.hears(250)

    assert [each.text for each in heard] == [str(number) for number in range(250)]
    async with asyncio.timeout(5):
        while server.world.pending:
            await asyncio.sleep(0)


async def test_nothing_is_confirmed_while_the_store_is_gone(server: TelegramServer, bot: Running) -> None:
    bot.broken = 3
    identity = server.person().says("Moin")

    [heard] = await bot.hears()

    assert bot.broken == 0
    assert heard.id == str(identity)
    assert len(bot.accepted) == 1


async def test_what_was_not_confirmed_comes_again_with_the_same_id(
    server: TelegramServer, knowledge: Knowledge
) -> None:
    person = server.person()
    async with running(server, knowledge) as first:
        while not server.world.calls or server.world.calls[-1][0] != "getUpdates":
            await asyncio.sleep(0.01)
        server.faults.append(Fault("getUpdates", delay=20, times=-1))  # killed before it asks again
        person.says("Moin")
        [before] = await first.hears()
    server.faults.clear()
    async with running(server, knowledge) as second:
        [after] = await second.hears()
    assert before == after


@pytest.mark.parametrize(
    "fault",
    [
        Fault("getUpdates", status=500),
        Fault("getUpdates", status=502, body="<html>/bot" + TOKEN + "/getUpdates</html>"),
        Fault("getUpdates", body="<html>Hotel</html>"),
        Fault("getUpdates", body="{}"),
        Fault("getUpdates", body='{"ok": true, "result": {"a": 1}}'),
        Fault("getUpdates", body='{"ok": true, "result": [{"message": {}}]}'),
        Fault("getUpdates", body="[" * 100_000),
        Fault("getUpdates", body="\ud800".encode("utf-8", "replace").decode() * 9),
        Fault("getUpdates", drop="before"),
        Fault("getUpdates", drop="after"),
        Fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates request"),
        Fault("getUpdates", status=401, description="Unauthorized"),
        Fault("getUpdates", status=404, description="Not Found"),
        Fault("getUpdates", status=400, description="Bad Request"),
        Fault("getUpdates", status=429, retry_after=1),
        Fault("getWebhookInfo", status=500),
        Fault("getWebhookInfo", status=404),
        Fault("getWebhookInfo", body='{"ok": true, "result": []}'),
    ],
    ids=lambda fault: f"{fault.method}-{fault.status}-{fault.drop}-{fault.body[:20]!r}",
)
async def test_no_failure_makes_the_bot_deaf(server: TelegramServer, knowledge: Knowledge, fault: Fault) -> None:
    fault.times = 1 if fault.retry_after else 3
    server.faults.append(fault)
    async with running(server, knowledge) as bot:
        server.person().says("Moin")
        assert [each.text for each in await bot.hears()] == ["Moin"]
    assert fault.times == 0 or fault.method == "getWebhookInfo"


async def test_a_silent_connection_is_given_up(server: TelegramServer, knowledge: Knowledge) -> None:
    server.faults.append(Fault("getUpdates", delay=60))
    async with running(server, knowledge, poll_timeout=0) as bot:  # gives up after 2 s
        server.person().says("Moin")
        await bot.hears()


async def test_two_bots_with_one_token_both_live_and_lose_nothing(server: TelegramServer, knowledge: Knowledge) -> None:
    person = server.person()
    async with running(server, knowledge) as one, running(server, knowledge) as other:
        sent = {str(person.says(str(number))) for number in range(50)}
        async with asyncio.timeout(10):
            while {each.id for each in (*one.accepted, *other.accepted)} != sent:
                await asyncio.sleep(0.01)


async def test_a_webhook_left_over_is_removed_and_none_is_not(server: TelegramServer, knowledge: Knowledge) -> None:
    server.world.webhook = {"url": "https://example.org/old"}
    async with running(server, knowledge) as bot:
        server.person().says("Moin")
        await bot.hears()
    async with running(server, knowledge) as bot:
        server.person().says("Moin")
        await bot.hears()
    assert server.world.count["deleteWebhook"] == 1


async def test_nonsense_is_counted_and_the_next_message_is_heard(
    server: TelegramServer, bot: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.OURS.setLevel(logging.WARNING)
    server.world.happens("message", {"text": 5})
    server.world.happens("callback_query", {"id": "1"})
    server.person().says("Moin")

    assert [each.text for each in await bot.hears()] == ["Moin"]

    lines = capfd.readouterr().err
    assert '"event": "malformed"' in lines
    assert '"count": ' in lines


async def test_an_album_is_answered_once(server: TelegramServer, knowledge: Knowledge) -> None:
    one, other = server.person(), server.person()
    for person in (one, one, one, other):
        person.shares("photo")
    one.says("Moin")
    async with running(server, knowledge) as bot:
        heard = await bot.hears(3)
    assert [(each.chat, each.press or each.text) for each in heard] == [
        (str(one.id), "do/unreadable"),
        (str(other.id), "do/unreadable"),
        (str(one.id), "Moin"),
    ]


async def test_only_what_is_understood_is_asked_for(server: TelegramServer, bot: Running) -> None:
    server.person().says("Moin")
    await bot.hears()
    assert server.world.happens("message_reaction", {}) == 0
    assert server.world.happens("channel_post", {}) == 0


async def test_ids_that_start_anew_after_a_quiet_week_are_heard(server: TelegramServer, knowledge: Knowledge) -> None:
    channel = closed(server, knowledge)
    bot = Running(channel)

    async def take(updates: list[object]) -> None:
        await bot.accept([Incoming("telegram", "1", id=str(each)) for each in updates])

    task = asyncio.create_task(poll(channel._api, take, timeout=0, waiting=soon, quiet=0.2))
    server.person().says("Moin")
    await bot.hears()
    server.world.next_update = 5
    await asyncio.sleep(0.6)
    server.person().says("Da bin ich wieder")
    await bot.hears(2)
    task.cancel()
    await asyncio.wait([task])
    await channel.close()


def test_pauses_grow_and_stay_between_half_a_second_and_half_a_minute() -> None:
    for failures in (1, 2, 3, 6, 50, 10_000):
        waits = [pause(failures) for _ in range(200)]
        assert min(waits) >= 0.5
        assert max(waits) <= min(LONGEST, 0.5 * 2.0**failures) if failures < 50 else max(waits) <= LONGEST
    assert len({pause(6) for _ in range(9)}) > 1


async def test_a_group_is_told_once_and_left(server: TelegramServer, bot: Running, knowledge: Knowledge) -> None:
    person = server.person(language="en")
    group = server.group(person)
    group.says(person, "/hilfe@schullotse_test_bot")
    person.says("Moin")

    heard = await bot.hears()

    assert [each.text for each in heard] == ["Moin"]
    notice = await asyncio.wait_for(group.chat.news.get(), 5)
    assert notice["text"] == knowledge.texts["en"].group.sie
    async with asyncio.timeout(5):
        while group.chat.reachable:
            await asyncio.sleep(0.01)
    assert group.chat.news.empty()


async def test_many_groups_delay_no_message(server: TelegramServer, bot: Running) -> None:
    server.faults.append(Fault("leaveChat", delay=5, times=-1))
    person = server.person()
    for _ in range(150):
        server.group(person)
    person.says("Moin")
    await bot.hears(seconds=3)


# acknowledging


async def press(server: TelegramServer, bot: Running, knowledge: Knowledge) -> Incoming:
    person = server.person()
    person.says("Hallo")
    [first] = await bot.hears()
    await bot.answers(first, said(knowledge, "> do/menu", audience=Audience.PARENT))
    shown = await person.hears()
    person.presses(shown.labels[1])
    heard = (await bot.hears(2))[1]
    assert heard.press
    assert heard.press.startswith("f/")
    return heard


async def test_a_press_is_answered_and_only_the_choice_stays(
    server: TelegramServer, bot: Running, knowledge: Knowledge
) -> None:
    pressed = await press(server, bot, knowledge)
    assert server.world.unanswered

    await bot.channel.acknowledge(pressed)

    assert not server.world.unanswered
    [message] = server.person(identity=int(pressed.chat)).sees()
    assert [label[:2] for label in message.labels] == ["✓ "]


async def test_acknowledging_twice_or_late_or_without_network_harms_nothing(
    server: TelegramServer, bot: Running, knowledge: Knowledge
) -> None:
    pressed = await press(server, bot, knowledge)
    await bot.channel.acknowledge(pressed)
    await bot.channel.acknowledge(pressed)  # not modified
    server.world.patience = 0
    await bot.channel.acknowledge(pressed)  # too old
    for fault in (Fault(status=500, times=2), Fault(drop="before", times=2), Fault(status=429, retry_after=9, times=2)):
        server.faults.append(fault)
        await bot.channel.acknowledge(pressed)
    await bot.channel.acknowledge(Incoming("telegram", pressed.chat, "Moin"))


async def test_typing_is_shown_and_may_fail(server: TelegramServer, bot: Running) -> None:
    person = server.person()
    await bot.channel.typing(str(person.id))
    assert server.world.actions[person.id] == 1
    await bot.channel.typing("404")


# sending


async def test_a_real_turn_arrives_with_its_buttons(server: TelegramServer, bot: Running, knowledge: Knowledge) -> None:
    person = server.person()
    person.says("Mein Kind hat Angst vor der Schule")
    [incoming] = await bot.hears()

    await bot.answers(incoming, said(knowledge, incoming.text or "", audience=Audience.PARENT))

    heard = await person.hears()
    assert "Schulpsychologische Beratungsstelle" in heard.text
    assert "Neu anfangen" in heard.labels
    assert any(link.endswith("/schulabsentismus") for link in heard.links)


async def test_contact_files_and_pictures_arrive(server: TelegramServer, bot: Running) -> None:
    person = server.person()
    incoming = Incoming("telegram", str(person.id), "x")
    files = (File("zahlen.csv", "text/csv", b"a;b"), File("bild.png", "image/png", PNG))

    await bot.answers(incoming, [Reply(card=CARD, save=True), Reply("Da:", files=files)])

    contact, words, table, picture = [await person.hears() for _ in range(4)]
    assert contact.raw["contact"]["phone_number"] == "+492315010017"
    assert words.text == "Da:"
    assert table.raw["document"]["file_name"] == "zahlen.csv"
    assert picture.raw["photo"][0]["file_size"] == len(PNG)


@pytest.mark.parametrize(
    ("fault", "error", "seconds"),
    [
        (Fault("sendMessage", status=429, retry_after=3), LaterError, 3),
        (Fault("sendMessage", status=500), LaterError, None),
        (Fault("sendMessage", status=502, body="<html></html>"), LaterError, None),
        (Fault("sendMessage", body="<html></html>"), LaterError, None),
        (Fault("sendMessage", body="{}"), LaterError, None),
        (Fault("sendMessage", status=500, body='{"parameters": [1]}'), LaterError, None),
        (Fault("sendMessage", status=429, body='{"parameters": {"retry_after": "x"}}'), LaterError, None),
        (Fault("sendMessage", drop="before"), LaterError, None),
        (Fault("sendMessage", drop="after"), LaterError, None),
        (Fault("sendMessage", delay=5), LaterError, None),
        (Fault("sendMessage", status=401), LaterError, None),
        (Fault("sendMessage", status=403, description="Forbidden: user is deactivated"), GoneError, None),
        (Fault("sendMessage", status=400, description="Bad Request: chat not found"), GoneError, None),
        (Fault("sendMessage", status=400, description="Bad Request: PEER_ID_INVALID"), GoneError, None),
        (Fault("sendMessage", status=400, description="Bad Request: message is too long"), RefusedError, None),
    ],
    ids=lambda value: f"{value.status}-{value.drop}-{value.description[-9:]}" if isinstance(value, Fault) else "",
)
async def test_a_refusal_says_whether_to_try_again(
    server: TelegramServer, bot: Running, fault: Fault, error: type[Exception], seconds: float | None
) -> None:
    server.faults.append(fault)
    before = server.world.count["sendMessage"]
    with pytest.raises(error) as caught:
        await bot.channel.send(text(server.person().id, "Geheimes"))
    assert getattr(caught.value, "seconds", None) == seconds
    assert server.world.count["sendMessage"] - before == (fault.drop == "after")
    assert str(caught.value) == ""


async def test_who_blocked_the_bot_is_gone(server: TelegramServer, bot: Running) -> None:
    person = server.person()
    person.blocks()
    with pytest.raises(GoneError):
        await bot.channel.send(text(person.id))
    with pytest.raises(GoneError):
        await bot.channel.send(text(404))
    person.says("Wieder da")
    await bot.channel.send(text(person.id))


async def test_a_group_that_moved_is_gone(server: TelegramServer, bot: Running) -> None:
    moved = '{"ok": false, "description": "moved", "parameters": {"migrate_to_chat_id": -100}}'
    server.faults.append(Fault("sendMessage", status=400, body=moved))
    with pytest.raises(GoneError):
        await bot.channel.send(text(server.person().id))


@pytest.mark.parametrize(
    "looks",
    [
        {"entities": [{"type": "bold", "offset": 0, "length": 99}]},
        {"entities": [{"type": "text_link", "offset": 0, "length": 2, "url": "nowhere"}]},
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]}},
    ],
)
async def test_words_arrive_even_if_their_looks_are_refused(
    server: TelegramServer, bot: Running, looks: dict[str, object]
) -> None:
    person = server.person()
    await bot.channel.send(text(person.id, "Rufen Sie 112 an.", **looks))
    heard = await person.hears()
    assert (heard.text, heard.labels) == ("Rufen Sie 112 an.", ())


async def test_a_message_that_is_wrong_itself_is_tried_once(server: TelegramServer, bot: Running) -> None:
    before = len(server.world.calls)
    with pytest.raises(RefusedError):
        await bot.channel.send(text(server.person().id, "x" * 4097))
    assert [name for name, _ in list(server.world.calls)[before:] if name == "sendMessage"] == ["sendMessage"]


async def test_a_chat_that_must_wait_delays_no_other(server: TelegramServer, bot: Running) -> None:
    flooder, hanging, others = server.person(), server.person(), [server.person() for _ in range(20)]
    server.faults += [
        Fault("sendMessage", status=429, retry_after=30, chat=flooder.id, times=-1),
        Fault("sendMessage", delay=1.5, chat=hanging.id, times=-1),
    ]

    async def send(chat: int) -> str:
        try:
            await bot.channel.send(text(chat))
        except LaterError as error:
            return f"later {error.seconds}"
        return "sent"

    slow = [asyncio.create_task(send(hanging.id)) for _ in range(30)]
    results = await asyncio.gather(*(send(flooder.id) for _ in range(50)), *(send(each.id) for each in others))

    assert not any(task.done() for task in slow)
    assert results == ["later 30.0"] * 50 + ["sent"] * 20
    assert set(await asyncio.gather(*slow)) == {"sent"}


# secrets


async def test_the_token_is_in_no_log_and_no_error(
    server: TelegramServer, knowledge: Knowledge, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logs.set_up("DEBUG")
    echo = f"<html>POST {server.base_url}{TOKEN}/getUpdates failed</html>"
    server.faults += [
        Fault("getUpdates", body=echo),
        Fault("getUpdates", body=echo, status=500),
        Fault("sendMessage", body=echo),
        Fault("getUpdates", status=401),
    ]
    seen = []
    async with running(server, knowledge) as bot:
        person = server.person()
        person.says("Moin Geheimnis")
        await bot.hears()
        for chat in (person.id, person.id, 404):
            try:
                await bot.channel.send(text(chat, "Geheimnis"))
            except (LaterError, GoneError) as error:
                seen.append(repr(error) + str(error.__cause__))
        seen += [repr(bot.channel), repr(bot.channel._api), repr(bot.accepted)]

    told = capfd.readouterr().err + caplog.text + "".join(seen)
    assert "unreachable" in told
    assert "token_refused" in told
    assert TOKEN not in told
    assert TOKEN.split(":")[1] not in told
    assert "Geheimnis" not in told


def test_there_is_nothing_to_mount_while_polling(knowledge: Knowledge) -> None:
    route: Route | None = TelegramChannel(Telegram.model_validate({"token": TOKEN}), lambda: knowledge, BUTTONS).route()
    assert route is None


async def test_a_button_of_the_card_can_be_pressed(server: TelegramServer, bot: Running, knowledge: Knowledge) -> None:
    """From "save as a contact" to the contact in the chat; the card keeps its buttons."""
    person = server.person()
    incoming = Incoming("telegram", str(person.id), "x")
    await bot.answers(incoming, [Reply(card=CARD, buttons=(Button("Weiter", "do/continue"),))])
    shown = await person.hears()
    person.presses("Als Kontakt")
    [pressed] = await bot.hears()
    assert pressed.press == "contact/kub"
    await bot.channel.acknowledge(pressed)
    await bot.answers(pressed, said(knowledge, "> contact/kub"))
    assert "contact" in (await person.hears()).raw
    assert person.sees()[0].labels == shown.labels
