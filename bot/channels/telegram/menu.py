"""The list of commands that Telegram shows beside the text field, in every language offered."""

from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from knowledge.base import Knowledge

DEFAULT = "de"  # the language of everybody whose own is not offered
COMMANDS = {
    "hilfe": "help_button",
    "neu": "restart_button",
    "zurueck": "back_button",
    "sprache": "language_button",
    "datenschutz": "privacy_button",
    "loeschen": "forget_button",
    "mensch": "human_button",
    "stopp": "stop_button",
}  # command → the field of its words


async def offer(api: Api, knowledge: Knowledge) -> bool:
    """Set the commands wherever they differ from those set; whether Telegram took all of them."""
    try:
        for language in knowledge.languages:
            wanted = commands(knowledge, language)
            scope = {} if language == DEFAULT else {"language_code": language}
            if await api.call("getMyCommands", scope) != wanted:
                await api.call("setMyCommands", {"commands": wanted, **scope})
    except TelegramError:
        return False
    return True


def commands(knowledge: Knowledge, language: str) -> list[dict[str, str]]:
    texts = knowledge.texts[language]
    return [{"command": name, "description": getattr(texts, field).sie} for name, field in COMMANDS.items()]
