"""What all pages share: the knowledge of the moment, the words around it, the templates, and the limit of requests."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.port import Incoming
from bot.channels.web.forms import Scene, chosen
from bot.channels.web.guard import Limit, address
from bot.channels.web.markup import Marked
from bot.channels.web.words import Words
from bot.exchange.ics import hours_ics
from config.settings import Web
from handlers import Conversation, Press, Situation, screens, served
from handlers.dialogue import Card, Reply
from knowledge.base import Knowledge
from knowledge.model import Audience

HERE = Path(__file__).parent
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

Answer = Callable[[Incoming], Awaitable[tuple[Reply, ...]]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of ours, its address with a mark of its content: it may be kept for ever."""

    content: bytes
    kind: str
    url: str


def assets() -> Mapping[str, Asset]:
    found = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir()) if path.is_file()}
    return {
        name: Asset(content, KINDS[name.rpartition(".")[2]], f"/static/{name}?v={sha256(content).hexdigest()[:12]}")
        for name, content in found.items()
    }


@dataclass(kw_only=True)
class Site:
    """Everything is given; nothing of a visitor rests here."""

    knowledge: Callable[[], Knowledge]
    settings: Web
    start: Conversation
    clock: Callable[[], datetime]
    words: Mapping[str, Words]
    assets: Mapping[str, Asset]
    limit: Limit
    _marked: Marked | None = field(default=None, init=False)

    @cached_property
    def templates(self) -> jinja2.Environment:
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @property
    def several(self) -> bool:
        """Whether the city is chosen in the conversation."""
        return len(self.knowledge().regions) > 1 and self.start.region is None

    def marked(self, knowledge: Knowledge) -> Marked:
        """Made once for each version of the knowledge."""
        if self._marked is None or self._marked.version != knowledge.version:
            self._marked = Marked(knowledge)
        return self._marked

    def limited(self, endpoint: Endpoint) -> Endpoint:
        """*endpoint*, for as many requests as one address may make."""

        async def within(request: Request) -> Response:
            if self.limit.reached(address(request, self.settings.proxies)):
                raise HTTPException(429, headers={"Retry-After": "600"})
            return await endpoint(request)

        return within

    def fresh(self, request: Request) -> Scene:
        """The scene for somebody who has chosen nothing: the language of the browser if it is one of ours."""
        knowledge = self.knowledge()
        wanted = (part.partition(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(","))
        language = next((code for code in wanted if code in knowledge.languages), self.start.language)
        return Scene(language, self.start.region or knowledge.regions[0])

    def scene(self, request: Request) -> Scene:
        """The scene that the address names."""
        return chosen(self.knowledge(), dict(request.query_params), self.fresh(request))

    def situation(self, scene: Scene) -> Situation:
        """A situation without a past, to ask the handlers what they would say."""
        audience = Audience(scene.audience) if scene.audience else None
        conversation = replace(self.start, region=scene.region, language=scene.language, audience=audience)
        knowledge = self.knowledge()
        return Situation(knowledge, served(knowledge, conversation), Press("", self.clock()))

    def page(self, request: Request, template: str, scene: Scene, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page in the language of *scene*."""
        around = self._around(scene) | {"base": self.base(request)}
        content = self.templates.get_template(template).render(around | values)
        return HTMLResponse(content, status, headers={"Vary": "Accept-Language"})

    def _around(self, scene: Scene) -> dict[str, Any]:
        """What every template can use."""
        situation = self.situation(scene)
        knowledge, texts = situation.knowledge, situation.texts
        return {
            "w": self.words.get(scene.language, self.words["de"]),
            "texts": texts,
            "say": situation.say,
            "lang": scene.language,
            "dir": texts.direction.sie,
            "languages": [(code, knowledge.texts[code].language_name.sie) for code in knowledge.languages],
            "scene": scene,
            "several": self.several,
            "city": situation.pack.name,
            "settings": self.settings,
            "assets": self.assets,
            "region_of": lambda card: region_of(knowledge, card, scene),
            "timed": lambda card: timed(knowledge, card, scene),
        }

    def base(self, request: Request) -> str:
        """The public address, without a slash at its end."""
        return self.settings.url or str(request.base_url).rstrip("/")


def region_of(knowledge: Knowledge, card: Card, scene: Scene) -> str:
    """The city whose card this is: two cities may each have an office of this id."""
    for region in (scene.region, *knowledge.regions):
        known = knowledge.pack(region, scene.language).actors.get(card.actor)
        if known is not None and known.name == card.title:
            return region
    return scene.region


def timed(knowledge: Knowledge, card: Card, scene: Scene) -> bool:
    """Whether there are opening hours that a calendar can read."""
    actor = knowledge.pack(region_of(knowledge, card, scene), scene.language).actors.get(card.actor)
    return actor is not None and bool(hours_ics(actor))  # a card may be older than the present knowledge


def helplines(situation: Situation) -> str:
    """The help numbers alone, a line each, for pages that do not answer to danger; the local one comes last."""
    text = screens.crisis(situation)[0].text
    lead, end = situation.say(situation.texts.crisis), situation.say(situation.texts.crisis_program)
    return text.removeprefix(lead).removesuffix(end).strip()
