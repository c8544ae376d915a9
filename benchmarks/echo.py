"""The floor: an echo bot as the library's documentation writes it, with one durable row for each message."""

import os
import sqlite3

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

DATABASE = os.environ["SCHULLOTSE_DATABASE_URL"].removeprefix("sqlite:///")


def main() -> None:
    connection = sqlite3.connect(DATABASE, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS said (number INTEGER PRIMARY KEY, body BLOB)")

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message
        connection.execute("INSERT INTO said (body) VALUES (?)", (b"x" * 540,))
        await update.message.reply_text(update.message.text or "")

    token, base = os.environ["SCHULLOTSE_TELEGRAM__TOKEN"], os.environ["SCHULLOTSE_TELEGRAM__BASE_URL"]
    application = Application.builder().token(token).base_url(base).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
