"""The Telegram channel: python-telegram-bot speaks with Telegram, our own loop decides when."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else the library warns whenever Telegram asks for patience

from bot.channels.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
