"""`check --online`: links are asked politely, and only those that lead nowhere are reported."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from bot.online import Link, dead, links, wrong
from knowledge.folders import SHIPPED
from knowledge.load import examine

ANSWERS = {"/da": 200, "/weg": 404, "/fort": 410, "/geheim": 403, "/krank": 503, "/zu-viel": 429}


class Site(BaseHTTPRequestHandler):
    """A server that answers with the status its paths are named for. /stur knows no HEAD, /listig lies to it."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_HEAD(self) -> None:
        self.asked.append(("HEAD", self.path))
        self.answer({"/stur": 405, "/listig": 404}.get(self.path, ANSWERS.get(self.path, 404)))

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path))
        self.answer({"/stur": 200, "/listig": 200}.get(self.path, ANSWERS.get(self.path, 404)))

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/da", "/geheim", "/krank", "/zu-viel", "/stur", "/listig"])
def test_what_answers_in_any_way_is_there(site: str, path: str) -> None:
    assert wrong(site + path) == ""


@pytest.mark.parametrize(("path", "reason"), [("/weg", "is gone (404)"), ("/fort", "is gone (410)")])
def test_what_is_gone_is_asked_twice_before_it_is_said(site: str, path: str, reason: str) -> None:
    assert wrong(site + path) == reason
    assert Site.asked == [("HEAD", path), ("GET", path)]


def test_a_server_that_is_not_there_cannot_be_reached() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert wrong(f"http://127.0.0.1:{port}/") == "cannot be reached (Connection refused)"


def test_each_dead_link_is_a_warning_where_it_stands(site: str) -> None:
    found = dead([Link(f"{site}/weg", "stadt/actors/amt.yaml", 7), Link(f"{site}/da", "stadt/actors/amt.yaml", 9)])

    told = [(one.level, str(one)) for one in found]
    assert told == [("warning", f"stadt/actors/amt.yaml:7: {site}/weg is gone (404); find the new address")]


def test_every_link_of_a_pack_is_asked_once() -> None:
    examined = examine([SHIPPED], thorough=False)
    found = links(examined.folders, sorted(examined.german))
    urls = [link.url for link in found]

    assert len(urls) == len(set(urls)) > 50
    assert all(url.startswith(("http://", "https://")) and url.isascii() for url in urls)
    assert dead(found[:3], ask=lambda _: "") == []
