"""Long polling that outlives every failure and confirms an update only when it is kept."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.api import Api, patience
from bot.channels.telegram.updates import CHANNEL, KINDS, number
from config import logs

FIRST, LONGEST = 0.5, 30.0  # seconds between two tries
MANY = 6  # failures after which the pauses do not grow any more
IDLE = 0.1  # seconds after an empty answer that came at once: a server that does not hold back must not be flooded
QUIET = 6 * 24 * 3600.0  # seconds; after a week without updates Telegram numbers them anew, perhaps lower

Take = Callable[[list[Any]], Awaitable[None]]
Pause = Callable[[int], float]


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row: by chance, up to a limit that doubles from 1 to 30."""
    return random.uniform(FIRST, max(FIRST, min(LONGEST, FIRST * 2.0 ** min(failures, MANY))))  # noqa: S311 - no secret


async def poll(api: Api, take: Take, *, timeout: int, waiting: Pause = pause, quiet: float = QUIET) -> NoReturn:
    """Hand all updates to *take*, in order, for ever. If it raises, the same updates come again later."""
    now = asyncio.get_running_loop().time
    offset: int | None = None
    failures, ready, heard = 0, False, now()
    while True:
        try:
            ready = ready or await _without_webhook(api)
            asked = now()
            updates = await _ask(api, offset, timeout)
            await take(updates)
        except Exception as error:  # noqa: BLE001 - whatever fails, the network or the store: a bot must not go deaf
            failures += 1
            _complain(error)
            slow = MANY if isinstance(error, InvalidToken) else 0  # nobody corrects a token within a second
            await asyncio.sleep(max(patience(error) or 0.0, waiting(failures + slow)))
            continue
        failures = 0
        if updates:
            offset, heard = max(filter(None, map(number, updates))) + 1, now()
            continue
        if now() - heard > quiet:
            offset = None  # the confirmation was heard; asking from a number would skip lower ones
        if now() - asked < IDLE:
            await asyncio.sleep(IDLE)


async def _ask(api: Api, offset: int | None, timeout: int) -> list[Any]:
    parameters = {"timeout": timeout, "allowed_updates": KINDS, "offset": offset}
    updates = await api.call("getUpdates", parameters, wait=timeout)
    if not isinstance(updates, list) or (updates and not any(map(number, updates))):
        raise TelegramError("updates without numbers")  # nothing to confirm: asking again at once would not help
    return updates


async def _without_webhook(api: Api) -> bool:
    """Telegram delivers either way, not both: a webhook left over from another mode is taken away, if there is one."""
    try:
        known = await api.call("getWebhookInfo")
        if isinstance(known, dict) and known.get("url"):
            await api.call("deleteWebhook")
            logs.event(logging.WARNING, "webhook_removed", channel=CHANNEL)
    except (BadRequest, InvalidToken):
        pass  # getUpdates will tell what is wrong
    return True


def _complain(error: Exception) -> None:
    """Log why nothing was received."""
    match error:
        case RetryAfter():
            logs.event(logging.WARNING, "told_to_wait", channel=CHANNEL, code=429)
        case Conflict():
            logs.event(logging.WARNING, "another_instance_or_webhook", channel=CHANNEL, code=409)
        case InvalidToken():
            logs.event(logging.ERROR, "token_refused", channel=CHANNEL, code=401)
        case TelegramError():
            logs.event(logging.WARNING, "unreachable", channel=CHANNEL, error=type(error).__name__)
        case _:
            logs.event(logging.ERROR, "not_accepted", channel=CHANNEL, error=type(error).__name__)
