"""A Bot API server for tests: real HTTP on loopback, Telegram's published rules, and people who write to the bot.

In a test: `async with TelegramServer() as server`, then `person = server.person()`, `person.says("Hallo")` and
`await person.hears()`.
For other processes: `python -m tests.servers.telegram --port 8081`, with the people's side under /control/.
"""

from tests.servers.telegram.faults import Fault
from tests.servers.telegram.people import Group, Heard, Person
from tests.servers.telegram.server import TelegramServer
from tests.servers.telegram.world import TOKEN, World

__all__ = ["TOKEN", "Fault", "Group", "Heard", "Person", "TelegramServer", "World"]
