"""The Telegram channel: messages in, messages out. What they mean is decided elsewhere."""

import asyncio
import base64
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from starlette.routing import Route
from telegram import InputFile
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.buttons import Buttons
from bot.channels.port import Accept, Body, ChannelError, Incoming, LaterError, Outgoing
from bot.channels.telegram import menu, webhook
from bot.channels.telegram.api import ANSWER, Api, gone, meaning, patience
from bot.channels.telegram.poll import Pause, pause, poll
from bot.channels.telegram.render import Rendering
from bot.channels.telegram.updates import CHANNEL, KINDS, UNREADABLE, Leave, Malformed, Read, read
from config import logs
from config.settings import Telegram
from handlers.dialogue import Reply
from knowledge.base import Knowledge

LEAVING = 100  # groups that may wait to be left; one that does not fit is left at its next message
_TOKEN = re.compile(r"[\w:.-]+", re.ASCII)


class TelegramChannel:
    """One bot account. *knowledge* gives the present one.

    *answer*: seconds that Telegram has for an answer; *waiting*: between tries to receive.
    """

    name = CHANNEL

    def __init__(
        self,
        settings: Telegram,
        knowledge: Callable[[], Knowledge],
        buttons: Buttons,
        *,
        answer: float = ANSWER,
        waiting: Pause = pause,
    ) -> None:
        token = settings.token.get_secret_value() if settings.token else ""
        if not _TOKEN.fullmatch(token):
            raise ChannelError("telegram.token is not a token; copy the whole one that @BotFather gave, without spaces")
        if settings.mode == "webhook" and not settings.webhook_url:
            raise ChannelError("telegram.webhook_url is missing; set the public https address that Telegram shall call")
        self._settings = settings
        self._knowledge = knowledge
        self._buttons = buttons
        self._waiting = waiting
        self._api = Api(settings, answer=answer)
        self._accept: Accept | None = None
        self._groups: asyncio.Queue[Leave] = asyncio.Queue(LEAVING)

    async def open(self) -> None:
        """Check the token; offer the commands; with a webhook, tell Telegram where it is."""
        try:
            await self._api.call("getMe")
        except InvalidToken:
            raise ChannelError("Telegram does not know the token in telegram.token; ask @BotFather for it") from None
        except TelegramError as error:
            raise LaterError(patience(error)) from None
        if self._settings.mode == "webhook":
            await self._set_webhook()
        if not await menu.offer(self._api, self._knowledge()):
            logs.event(logging.WARNING, "commands_not_set", channel=CHANNEL)

    async def receive(self, accept: Accept, cursor: str | None) -> None:  # noqa: ARG002 - Telegram keeps its own
        """Until cancelled. What was not confirmed comes again; what comes again is known by its id."""
        self._accept = accept
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._leave_groups())
                if self._settings.mode == "polling":
                    await poll(self._api, self._take, timeout=self._settings.poll_timeout, waiting=self._waiting)
        finally:
            self._accept = None

    def route(self) -> Route | None:
        """What the web server must mount for a webhook; None while polling."""
        if self._settings.mode == "polling":
            return None
        return webhook.route(self._settings, lambda: self._take if self._accept else None)

    def render(self, incoming: Incoming, replies: Sequence[Reply]) -> tuple[Body, ...]:
        rendering = Rendering(self._knowledge().texts, protect=self._settings.protect_content)
        return rendering.bodies(replies, lambda value: self._buttons.signed(incoming.chat, value))

    async def acknowledge(self, incoming: Incoming) -> None:
        """Stop the button's spinner, and leave of the keyboard the chosen button. Too late or done before: no harm."""
        mark = incoming.mark
        if "query" in mark:
            await self._attempt("answerCallbackQuery", {"callback_query_id": mark["query"]})
        if "keyboard" in mark:
            place = {"chat_id": incoming.chat, "message_id": mark["message"]}
            keyboard = {"reply_markup": {"inline_keyboard": mark["keyboard"]}}
            await self._attempt("editMessageReplyMarkup", {**place, **keyboard})

    async def typing(self, chat: str) -> None:
        await self._attempt("sendChatAction", {"chat_id": chat, "action": "typing"})

    async def send(self, outgoing: Outgoing) -> None:
        """One call. A second one, plain, only if Telegram refused how the message looks: nothing was shown then."""
        parameters = {"chat_id": outgoing.chat, **outgoing.body}
        method = parameters.pop("method")
        try:
            try:
                await self._api.call(method, _uploaded(parameters))
            except BadRequest as error:
                plain = {key: value for key, value in parameters.items() if key not in {"entities", "reply_markup"}}
                if gone(error) or plain == parameters:
                    raise
                logs.event(logging.WARNING, "sent_plain", channel=CHANNEL)
                await self._api.call(method, _uploaded(plain))
        except TelegramError as error:
            raise meaning(error) from None

    async def close(self) -> None:
        await self._api.close_connections()

    async def _take(self, updates: list[Any]) -> None:
        """Keep what *updates* say; raises if that failed."""
        meanings = [self._read(update) for update in updates]
        messages = list(_without_repeats(each for each in meanings if isinstance(each, Incoming)))
        if malformed := sum(isinstance(each, Malformed) for each in meanings):
            logs.event(logging.WARNING, "malformed", channel=CHANNEL, count=malformed)
        if messages and self._accept:
            await self._accept(messages)
        for group in {each.chat: each for each in meanings if isinstance(each, Leave)}.values():
            if not self._groups.full():
                self._groups.put_nowait(group)

    def _read(self, update: Any) -> Read:
        try:
            return read(update, self._knowledge(), self._buttons)
        except Exception as error:  # noqa: BLE001 - it would come again for ever, and nothing after it
            logs.event(logging.ERROR, "unread", channel=CHANNEL, error=type(error).__name__)
            return Malformed()

    async def _leave_groups(self) -> None:
        """In a group others would read along: say so, and go. Beside the messages, which must not wait for it."""
        while True:
            group = await self._groups.get()
            known = self._knowledge()
            farewell = known.texts[group.language if group.language in known.languages else menu.DEFAULT].group.sie
            await self._attempt("sendMessage", {"chat_id": group.chat, "text": farewell})
            await self._attempt("leaveChat", {"chat_id": group.chat})

    async def _attempt(self, method: str, parameters: Body) -> None:
        """A call whose failure costs nothing."""
        try:
            await self._api.call(method, parameters)
        except TelegramError as error:
            logs.event(logging.INFO, "not_taken", channel=CHANNEL, error=type(error).__name__)

    async def _set_webhook(self) -> None:
        place = {"url": self._settings.webhook_url, "secret_token": webhook.secret(self._settings)}
        try:
            await self._api.call("setWebhook", {**place, "allowed_updates": KINDS})
        except BadRequest:
            raise ChannelError(
                "Telegram refuses the webhook: telegram.webhook_url must be a public https address with port 443, 80, "
                "88 or 8443, and telegram.webhook_secret 1 to 256 letters, digits, _ or -"
            ) from None
        except TelegramError as error:
            raise LaterError(patience(error)) from None


def _without_repeats(messages: Iterable[Incoming]) -> Iterator[Incoming]:
    """An album of pictures is many messages; that they cannot be read is said once."""
    told: set[str] = set()
    for message in messages:
        if message.press != UNREADABLE or message.chat not in told:
            yield message
        if message.press == UNREADABLE:
            told.add(message.chat)


def _uploaded(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with a file as the library uploads it."""
    if "file" not in parameters:
        return parameters
    rest = {key: value for key, value in parameters.items() if key != "file"}
    file = parameters["file"]
    return {**rest, file["as"]: InputFile(base64.b64decode(file["content"]), filename=file["name"])}
