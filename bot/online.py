"""Asks every link of the packs whether it still leads somewhere; the only look at packs that needs a network."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from knowledge.folders import Folder, chain
from knowledge.resolve import Resolver
from knowledge.source import Problem

TIMEOUT = 10.0  # seconds for one answer
PAUSE = 0.5  # seconds between two questions to the same server
AT_ONCE = 8  # servers that are asked at the same time
GONE = frozenset({404, 410})
ELSEWISE = frozenset({400, 403, 405, 501})  # what servers say that do not like HEAD; then a GET is tried
NAME = "Schullotse (looks whether links still work)"
Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Link:
    """A web address and where it stands first."""

    url: str
    file: str
    line: int


def links(found: Mapping[str, Folder], regions: Sequence[str]) -> list[Link]:
    """Every web address that users see or that a fact names as its source; each once."""
    result: dict[str, Link] = {}
    for region in regions:
        resolver = Resolver(chain(found, region)[0])
        for actor in resolver.pack().actors.values():
            document, start = resolver.places[f"actor/{actor.id}"]
            for index, fact in enumerate(actor.facts):
                line = document.line((*start, "facts", index))
                for value in (*((fact.value,) if fact.kind == "web" else ()), *fact.source):
                    if (url := _url(value)) and url not in result:
                        result[url] = Link(url, document.file, line)
    return sorted(result.values(), key=lambda link: (link.file, link.line, link.url))


def dead(found: Sequence[Link], ask: Ask | None = None) -> list[Problem]:
    """A warning for each link that leads nowhere. One server is asked one question after another."""
    by_host = sorted(found, key=lambda link: urlsplit(link.url).netloc)
    groups = [list(group) for _, group in groupby(by_host, key=lambda link: urlsplit(link.url).netloc)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = pool.map(lambda group: list(_asked(group, ask or wrong)), groups)
        return sorted(problem for problems in told for problem in problems)


def _asked(group: Sequence[Link], ask: Ask) -> Iterator[Problem]:
    for number, link in enumerate(group):
        if number:
            time.sleep(PAUSE)
        if reason := ask(link.url):
            yield Problem(link.file, link.line, f"{link.url} {reason}; find the new address", warning=True)


def wrong(url: str) -> str:
    """Why *url* leads nowhere; empty if it does lead somewhere, or if nobody can say."""
    for method in ("HEAD", "GET"):
        request = Request(url, method=method, headers={"User-Agent": NAME, "Accept": "*/*"})  # noqa: S310 - only http
        try:
            with urlopen(request, timeout=TIMEOUT):  # noqa: S310 - only http and https get here
                return ""
        except HTTPError as error:
            if error.code in GONE and method == "GET":
                return f"is gone ({error.code})"
            if error.code not in GONE | ELSEWISE:
                return ""  # it is there, but does not talk to us
        except URLError as error:
            if isinstance(error.reason, ssl.SSLError | TimeoutError):
                return ""
            return f"cannot be reached ({getattr(error.reason, 'strerror', None) or error.reason})"
        except (OSError, ValueError):
            return ""
    return ""


def _url(value: str) -> str:
    """*value* as an address to ask, or nothing. Letters of German domains and paths are written as servers want."""
    if value.startswith("www."):
        value = f"https://{value}"
    if not value.startswith(("http://", "https://")) or " " in value:
        return ""
    parts = urlsplit(value)
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        return ""
    return urlunsplit((parts.scheme, host, quote(parts.path, safe="/%:@!$&'()*+,;=~-._"), parts.query, ""))
