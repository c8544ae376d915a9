"""A real Matrix homeserver: Synapse on SQLite in a folder of its own, without limits and without the outside world.

In tests: `async with Synapse.started(folder) as server`. For other processes: `python -m tests.servers.synapse --port N
--user bot:secret --user anna:secret`; it prints its address and runs until it is interrupted.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import signal
import socket
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

NAME = "localhost"
READY = 60  # seconds; a loaded machine needs ten
STOP = 10  # seconds
FREE = {"per_second": 100_000, "burst_count": 100_000}
TWICE = ("rc_message", "rc_registration", "rc_joins_per_room", "rc_admin_redaction", "rc_key_requests")


def configuration(folder: Path, port: int) -> dict[str, Any]:
    """The least that Synapse needs; YAML may be JSON."""
    return {
        "server_name": NAME,
        "public_baseurl": f"http://127.0.0.1:{port}",
        "pid_file": str(folder / "pid"),
        "listeners": [
            {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]}
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": "registration",
        "macaroon_secret_key": "macaroon",
        "form_secret": "form",
        "report_stats": False,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        "rc_login": {"address": FREE, "account": FREE, "failed_attempts": FREE},
        "rc_joins": {"local": FREE, "remote": FREE},
        "rc_invites": {"per_room": FREE, "per_user": FREE, "per_issuer": FREE},
        "rc_room_creation": FREE,
        "rc_media_create": FREE,
        **dict.fromkeys(TWICE, FREE),
    }


LOGGING = {
    "version": 1,
    "handlers": {"file": {"class": "logging.StreamHandler", "level": "WARNING"}},
    "root": {"level": "WARNING", "handlers": ["file"]},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Synapse:
    """One homeserver. It can be stopped and started again; accounts and rooms stay."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: asyncio.subprocess.Process | None = None
    _admin: str = ""

    @classmethod
    @asynccontextmanager
    async def started(cls, folder: Path, port: int | None = None) -> AsyncIterator["Synapse"]:
        server = cls(folder, port or free_port())
        server.write()
        await server.start()
        try:
            yield server
        finally:
            await server.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def user_id(self, name: str) -> str:
        return f"@{name}:{NAME}"

    def write(self) -> None:
        """The configuration and the key."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (self.folder / "signing.key").write_text(f"ed25519 a_test {key}\n")
        (self.folder / "log.yaml").write_text(json.dumps(LOGGING))
        (self.folder / "homeserver.yaml").write_text(json.dumps(configuration(self.folder, self.port)))

    async def start(self) -> None:
        """Returns when it answers."""
        with (self.folder / "output").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml"),
                stdout=output, stderr=output, cwd=self.folder,
            )  # fmt: skip
        async with asyncio.timeout(READY):
            while not await self._answers():
                if self._process.returncode is not None:
                    raise RuntimeError(f"Synapse did not start; see {self.folder / 'output'}")
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def register(self, name: str, password: str, *, admin: bool = False) -> str:
        """A new account: its user id."""
        path = "/_synapse/admin/v1/register"
        nonce = (await self.call("GET", path))["nonce"]
        words = (nonce, name, password, "admin" if admin else "notadmin")
        mac = hmac.new(b"registration", "\0".join(words).encode(), hashlib.sha1).hexdigest()
        made = await self.call(
            "POST", path, {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        )
        self._admin = made["access_token"] if admin else self._admin
        return str(made["user_id"])

    async def as_admin(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the admin interface, as an administrator made for it."""
        if not self._admin:
            await self.register("admin", "admin", admin=True)
        return await self.call(method, path, body, token=self._admin)

    async def log_out(self, user_id: str, device: str) -> None:
        """Hard: the device and its keys are gone."""
        await self.as_admin("POST", f"/_synapse/admin/v2/users/{user_id}/delete_devices", {"devices": [device]})

    async def expire(self, device: str) -> None:
        """Soft: the token of *device* has expired, the device stays. Restarts the server, which caches tokens."""
        await self.stop()
        with sqlite3.connect(self.folder / "homeserver.db") as connection:
            connection.execute("UPDATE access_tokens SET valid_until_ms = 1 WHERE device_id = ?", (device,))
        connection.close()
        await self.start()

    async def limit(self, user_id: str, per_second: int, burst: int) -> None:
        """A limit for one account; 0 and 0 for none."""
        path = f"/_synapse/admin/v1/users/{user_id}/override_ratelimit"
        await self.as_admin("POST", path, {"messages_per_second": per_second, "burst_count": burst})

    async def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        """One request; the answer's JSON, which must not be an error."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, json=body, headers=headers) as answer,
        ):
            if not answer.ok:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def _answers(self) -> bool:
        with suppress(aiohttp.ClientError, RuntimeError):
            await self.call("GET", "/_matrix/client/versions")
            return True
        return False


async def serve(port: int, users: list[str]) -> None:
    """Runs until it is interrupted; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="synapse-") as folder:
        async with Synapse.started(Path(folder), port) as server:
            for user in users:
                name, _, password = user.partition(":")
                await server.register(name, password)
            print(server.url, flush=True)
            stopped = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
            await stopped.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A Synapse for tests, on the loopback interface.")
    parser.add_argument("--port", type=int, default=8008)
    parser.add_argument("--user", action="append", default=[], help="name:password; may be repeated")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.user))


if __name__ == "__main__":
    main()
