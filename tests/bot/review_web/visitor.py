"""Somebody with a browser: keeps cookies, follows links, and sends the forms that a page really has."""

import re
from html import unescape

import httpx
from starlette.applications import Starlette

from tests.bot.review_web.desk import PASSWORD, ROOT

FORM = re.compile(r'<form method="post"(?: action="(?P<action>[^"]*)")?>(?P<inside>.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Visitor:
    """*address* is where the connection comes from."""

    def __init__(self, app: Starlette, address: str = "192.0.2.1") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def get(self, path: str) -> httpx.Response:
        """A page, *path* counted from where the application is mounted."""
        return await self.client.get(f"{ROOT}/{path}")

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """A form without the proof, as another site would send it."""
        return await self.client.post(f"{ROOT}/{path}", data=fields)

    async def submit(self, page: str, action: str = "", **fields: str) -> httpx.Response:
        """The form on *page* that goes to *action*, with *fields* filled in."""
        html = (await self.get(page)).text
        wanted = f"{ROOT}/{action or page}"
        form = next(form for form in FORM.finditer(html) if (form["action"] or f"{ROOT}/{page}") == wanted)
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(form["inside"])}
        return await self.client.post(wanted, data={**hidden, **fields})

    async def login(self, email: str, password: str = PASSWORD, code: str = "") -> httpx.Response:
        return await self.submit("anmelden", email=email, password=password, code=code)

    def cookie(self) -> str:
        return next((cookie.value or "" for cookie in self.client.cookies.jar if "koordination" in cookie.name), "")
