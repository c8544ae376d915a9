"""All that this Telegram knows: chats, messages, waiting updates; and what each method of the Bot API does to them."""

import asyncio
import itertools
import re
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram import checks
from tests.servers.telegram.checks import ApiError, Parameters, bad

TOKEN = "4815162342:AAF-test_token_of_nobody"
BOT = {"id": 4815162342, "is_bot": True, "first_name": "Schullotse", "username": "schullotse_test_bot"}
ABILITIES = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
BY_DEFAULT = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
PATIENCE = 15.0  # seconds after which a callback query is too old to be answered
ACTIONS = frozenset({"typing", "upload_photo", "upload_document"})
PHOTO, DOCUMENT = 10_000_000, 50_000_000  # bytes

Json = dict[str, Any]


@dataclass(slots=True)
class Chat:
    """A conversation with the bot; *news* are the bot's messages that nobody has looked at."""

    id: int
    kind: str
    reachable: bool = True
    messages: dict[int, Json] = field(default_factory=dict)
    news: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)

    def shown(self) -> Json:
        return {"id": self.id, "type": self.kind, **({"first_name": "P"} if self.id > 0 else {"title": "G"})}


class World:
    """The state of one bot account. *count* says how often each method succeeded; *calls* in which order."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.chats: dict[int, Chat] = {}
        self.pending: deque[Json] = deque()
        self.count: Counter[str] = Counter()
        self.calls: deque[tuple[str, Json]] = deque(maxlen=10_000)
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: Json = {"url": ""}
        self.secret = ""
        self.actions: Counter[int] = Counter()
        self.closing = False
        self.patience = PATIENCE
        self._allowed = BY_DEFAULT
        self._ids = itertools.count(1)
        self.next_update = 10**6 + secrets.randbelow(10**8)
        self._queries: dict[str, float] = {}
        self._news = asyncio.Event()
        self._poller = 0
        self.unanswered: set[str] = set()

    # what happens to the bot

    def happens(self, kind: str, content: Json) -> int:
        """An update for the bot; its id, or 0 if the bot does not want to know."""
        if kind not in self._allowed:
            return 0
        identity, self.next_update = self.next_update, self.next_update + 1
        self.pending.append({"update_id": identity, kind: content})
        self._news.set()
        return identity

    def message(self, chat: Chat, sender: Json, **content: Any) -> Json:
        identity = next(self._ids)
        made = {"message_id": identity, "from": sender, "chat": chat.shown(), "date": int(time.time()), **content}
        chat.messages[identity] = made
        return made

    def close(self) -> None:
        """Whoever waits for news gets none."""
        self.closing = True
        self._news.set()

    def query(self) -> str:
        identity = str(10**17 + secrets.randbelow(10**17))
        self._queries[identity] = time.monotonic()
        self.unanswered.add(identity)
        return identity

    # methods of the Bot API

    def method(self, name: str) -> Callable[[Parameters], Any] | None:
        return getattr(self, "do_" + re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name), None)

    def do_get_me(self, _: Parameters) -> Json:
        return {**BOT, **ABILITIES}

    async def do_get_updates(self, parameters: Parameters) -> list[Json]:
        """Those from *offset* on; the ones below are confirmed and gone. A newer poller ends an older one."""
        if self.webhook["url"]:
            raise ApiError(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            )
        self._allow(parameters)
        self._poller += 1
        mine = self._poller
        self._news.set()  # wakes an older poller
        await asyncio.sleep(0)
        offset, limit = checks.number(parameters, "offset", 0), checks.number(parameters, "limit", 100)
        while self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()
        until = time.monotonic() + min(checks.number(parameters, "timeout", 0), 50)
        while not self.pending and not self.closing and mine == self._poller and until > time.monotonic():
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), until - time.monotonic())
            except TimeoutError:
                break
        if mine != self._poller:
            raise ApiError(409, "Conflict: terminated by other getUpdates request; only one bot instance may run")
        return list(itertools.islice(self.pending, limit))

    def do_send_message(self, parameters: Parameters) -> Json:
        said = checks.text(parameters)
        styles = checks.entities(parameters, said)
        return self._sent(parameters, text=said, **({"entities": styles} if styles else {}))

    def do_send_contact(self, parameters: Parameters) -> Json:
        return self._sent(parameters, contact=checks.contact(parameters))

    def do_send_document(self, parameters: Parameters) -> Json:
        name, content = self._file(parameters, "document", DOCUMENT)
        made = {"file_id": f"f{hash(content)}", "file_unique_id": "u", "file_name": name, "file_size": len(content)}
        return self._sent(parameters, document=made)

    def do_send_photo(self, parameters: Parameters) -> Json:
        _, content = self._file(parameters, "photo", PHOTO)
        if not content.startswith((b"\x89PNG", b"\xff\xd8")):
            raise bad("IMAGE_PROCESS_FAILED")
        size = {"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1, "file_size": len(content)}
        return self._sent(parameters, photo=[size])

    def do_send_chat_action(self, parameters: Parameters) -> bool:
        if parameters.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.actions[self._chat(parameters).id] += 1
        return True

    def do_answer_callback_query(self, parameters: Parameters) -> bool:
        identity = str(parameters.get("callback_query_id"))
        if time.monotonic() - self._queries.get(identity, float("-inf")) > self.patience:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.unanswered.discard(identity)
        return True

    def do_edit_message_reply_markup(self, parameters: Parameters) -> Json:
        chat = self._chat(parameters)
        message = chat.messages.get(checks.number(parameters, "message_id"))
        if message is None or message["from"] != BOT:
            raise bad("message to edit not found")
        markup = checks.keyboard(parameters) or {"inline_keyboard": []}
        if markup == message.get("reply_markup", {"inline_keyboard": []}):
            raise bad("message is not modified: specified new message content and reply markup are exactly the same")
        message.pop("reply_markup", None)
        if markup["inline_keyboard"]:
            message["reply_markup"] = markup
        return message

    def do_get_my_commands(self, parameters: Parameters) -> list[dict[str, str]]:
        return self.commands.get(str(parameters.get("language_code", "")), [])

    def do_set_my_commands(self, parameters: Parameters) -> bool:
        self.commands[str(parameters.get("language_code", ""))] = checks.commands(parameters)
        return True

    def do_set_webhook(self, parameters: Parameters) -> bool:
        url, self.secret = checks.webhook(parameters)
        self._allow(parameters)
        self.webhook = {"url": url}
        self._poller += 1
        self._news.set()
        return True

    def do_delete_webhook(self, parameters: Parameters) -> bool:
        if parameters.get("drop_pending_updates") == "true":
            self.pending.clear()
        self.webhook = {"url": ""}
        return True

    def do_get_webhook_info(self, _: Parameters) -> Json:
        known = {"has_custom_certificate": False, "pending_update_count": len(self.pending)}
        return {**self.webhook, **known}

    def do_leave_chat(self, parameters: Parameters) -> bool:
        chat = self._chat(parameters)
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        chat.reachable = False
        return True

    def _chat(self, parameters: Parameters) -> Chat:
        chat = self.chats.get(checks.number(parameters, "chat_id", 0))
        if chat is None:
            raise bad("chat not found")
        if not chat.reachable:
            reason = (
                "bot was blocked by the user" if chat.kind == "private" else "bot is not a member of the group chat"
            )
            raise ApiError(403, f"Forbidden: {reason}")
        return chat

    def _sent(self, parameters: Parameters, **content: Any) -> Json:
        chat = self._chat(parameters)
        markup = checks.keyboard(parameters)
        if markup and markup["inline_keyboard"]:
            content["reply_markup"] = markup
        if parameters.get("protect_content") == "true":
            content["has_protected_content"] = True
        made = self.message(chat, BOT, **content)
        chat.news.put_nowait(made)
        return made

    def _file(self, parameters: Parameters, name: str, limit: int) -> tuple[str, bytes]:
        given = parameters.get(name)
        if not isinstance(given, tuple) or not given[1]:
            raise bad(f"there is no {name} in the request")
        if len(given[1]) > limit:
            raise ApiError(413, "Request Entity Too Large")
        return given

    def _allow(self, parameters: Parameters) -> None:
        if (wanted := checks.parsed(parameters, "allowed_updates")) is not None:
            self._allowed = frozenset(wanted) or BY_DEFAULT
