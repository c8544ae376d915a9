"""The HTTP side: the Bot API under /bot<token>/, delivery to webhooks, and /control/ for people in other processes."""

import asyncio
import inspect
import json
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.servers.telegram.checks import ApiError
from tests.servers.telegram.faults import Fault
from tests.servers.telegram.people import Group, Person
from tests.servers.telegram.world import World


class TelegramServer:
    """Runs in the event loop of the test. *faults* strike in their order."""

    def __init__(self, *, port: int = 0) -> None:
        self.world = World()
        self.faults: list[Fault] = []
        self._port = port
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_post("/control/{action}", self._control)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        self._delivery: asyncio.Task[None] | None = None
        self._people: dict[int, Person] = {}

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/bot"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._delivery = asyncio.create_task(self._deliver())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.world.close()
        if self._delivery:
            self._delivery.cancel()
            await asyncio.wait([self._delivery])
        await self._runner.cleanup()

    def person(self, *, language: str | None = "de", identity: int | None = None) -> Person:
        made = Person(self.world, identity=identity, language=language)
        return self._people.setdefault(made.id, made)

    def group(self, by: Person) -> Group:
        return Group(self.world, by)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        parameters = await _parameters(request)
        fault = next((each for each in self.faults if each.strikes(method, str(parameters.get("chat_id")))), None)
        if fault:
            await asyncio.sleep(fault.delay)
            if fault.drop == "before":
                return _cut(request)
            if fault.body:
                return web.Response(text=fault.body, content_type="text/html", status=fault.status or 200)
            if fault.status:
                wait = {} if fault.retry_after is None else {"retry_after": fault.retry_after}
                return _refused(ApiError(fault.status, fault.description, **wait))
        try:
            result = await self._done(request.match_info["token"], method, parameters)
        except ApiError as error:
            return _refused(error)
        if fault and fault.drop == "after":
            return _cut(request)
        return web.json_response({"ok": True, "result": result})

    async def _done(self, token: str, method: str, parameters: Mapping[str, Any]) -> Any:
        if token != self.world.token:
            raise ApiError(401, "Unauthorized") if ":" in token else ApiError(404, "Not Found")
        run = self.world.method(method)
        if run is None:
            raise ApiError(404, "Not Found: method not found")
        self.world.calls.append((method, dict(parameters)))
        result = run(parameters)
        if inspect.isawaitable(result):
            result = await result
        self.world.count[method] += 1
        return result

    async def _deliver(self) -> None:
        """Post each update to the webhook, in order, again and again until it is taken."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            pause = 0.0
            while True:
                await asyncio.sleep(pause or 0.02)
                if not self.world.webhook["url"] or not self.world.pending:
                    continue
                update = self.world.pending[0]
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.world.secret} if self.world.secret else {}
                try:
                    async with session.post(self.world.webhook["url"], json=update, headers=headers) as answer:
                        taken, error = answer.ok, f"Wrong response from the webhook: {answer.status}"
                except (aiohttp.ClientError, TimeoutError):
                    taken, error = False, "Connection refused"
                if taken:
                    self.world.pending.popleft()
                    pause = 0.0
                else:
                    self.world.webhook |= {"last_error_message": error, "last_error_date": 1_700_000_000}
                    pause = min(1.0, pause * 2 or 0.05)

    async def _control(self, request: web.Request) -> web.Response:
        """says, presses, shares, hears, blocks (each with "chat"), faults, state: for people in other processes."""
        given = await request.json() if request.can_read_body else {}
        action = request.match_info["action"]
        if action == "faults":
            self.faults.append(Fault(**given))
            return web.json_response({})
        if action == "state":
            return web.json_response({"pending": len(self.world.pending), "count": self.world.count})
        person = self._people.get(given["chat"]) or self.person(identity=given["chat"])
        match action:
            case "says":
                return web.json_response({"update_id": person.says(given["text"])})
            case "presses":
                return web.json_response({"update_id": person.presses(given["label"])})
            case "shares":
                return web.json_response({"update_id": person.shares(given["kind"])})
            case "blocks":
                return web.json_response({"update_id": person.blocks()})
            case "hears":
                return web.json_response(await _heard(person, given.get("seconds", 10)))
        raise web.HTTPNotFound


async def _heard(person: Person, seconds: float) -> Any:
    try:
        return (await person.hears(seconds)).raw
    except TimeoutError:
        return None


async def _parameters(request: web.Request) -> dict[str, Any]:
    """From the query, a form, JSON or a multipart body; a file as (name, content)."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given = await request.json()
        return found | {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    for key, value in (await request.post()).items():
        found[key] = (value.filename, value.file.read()) if isinstance(value, web.FileField) else value
    return found


def _refused(error: ApiError) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": error.code, "description": str(error)}
    if error.parameters:
        answer["parameters"] = error.parameters
    return web.json_response(answer, status=error.code)


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
