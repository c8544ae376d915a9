"""The floor on Matrix: an echo bot as nio's documentation writes it, with one durable row for each message."""

import asyncio
import os
import sqlite3

from nio import AsyncClient, InviteMemberEvent, MatrixRoom, RoomMessageText


async def main() -> None:
    connection = sqlite3.connect(os.environ["SCHULLOTSE_DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS said (number INTEGER PRIMARY KEY, body BLOB)")
    client = AsyncClient(os.environ["SCHULLOTSE_MATRIX__HOMESERVER"], os.environ["SCHULLOTSE_MATRIX__USER"])
    await client.login(os.environ["SCHULLOTSE_MATRIX__PASSWORD"])

    async def invited(room: MatrixRoom, _: InviteMemberEvent) -> None:
        await client.join(room.room_id)

    async def echo(room: MatrixRoom, event: RoomMessageText) -> None:
        if event.sender == client.user_id:
            return
        connection.execute("INSERT INTO said (body) VALUES (?)", (b"x" * 540,))
        await client.room_send(room.room_id, "m.room.message", {"msgtype": "m.notice", "body": event.body})

    client.add_event_callback(invited, InviteMemberEvent)
    client.add_event_callback(echo, RoomMessageText)
    await client.sync_forever(timeout=30000, full_state=True)


if __name__ == "__main__":
    asyncio.run(main())
