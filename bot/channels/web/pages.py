"""The pages beside the conversation: a page for each office, its files and its poster, guidelines, and the notices."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import segno
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.channels.web.forms import Scene
from bot.channels.web.site import Site
from bot.exchange.ics import hours_ics
from bot.exchange.shared import home
from bot.exchange.vcard import vcard
from bot.graph import svg
from handlers import Situation, cards
from handlers.dialogue import Reply
from knowledge.model import Actor, Audience, Flow, Outcome, Question

RENEWED = timedelta(days=180)  # RFC 9116 wants a date in the future, less than a year away


class Pages:
    """All of them can be read without a conversation, and all but the notices may be found by search engines."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def actor(self, request: Request) -> Response:
        """The card of one office, for one audience."""
        scene, actor = self._asked(request)
        situation = self._site.situation(scene)
        shown = self._shown(situation, actor)
        return self._site.page(
            request, "actor.html", scene, actor=actor, shown=shown, audiences=_audiences(situation, actor)
        )

    async def poster(self, request: Request) -> Response:
        """One sheet of paper for a corridor: who helps, the number, and a code that leads to the page."""
        scene, actor = self._asked(request)
        url = f"{self._site.base(request)}/stelle/{actor.id}?{_query(scene)}"
        code = Markup(segno.make(url, error="m").svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 - segno draws, nothing of the address is in it
        shown = self._shown(self._site.situation(scene), actor)
        return self._site.page(request, "poster.html", scene, actor=actor, shown=shown, code=code, url=url)

    async def contact(self, request: Request) -> Response:
        """The office for an address book."""
        scene, actor = self._asked(request)
        situation = self._site.situation(scene)
        card = vcard(actor, situation.texts, home=home(situation.pack, actor))
        return _file(card, "text/vcard", f"{actor.id}.vcf")

    async def hours(self, request: Request) -> Response:
        """The opening hours for a calendar; 404 if none are on file that a calendar can read."""
        scene, actor = self._asked(request)
        calendar = hours_ics(actor, home=home(self._site.situation(scene).pack, actor))
        if not calendar:
            raise HTTPException(404)
        return _file(calendar, "text/calendar", f"{actor.id}.ics")

    async def flow(self, request: Request) -> Response:
        """A guideline, as a picture and as nested text."""
        scene = self._site.scene(request)
        situation = self._site.situation(scene)
        flow = situation.pack.flows.get(request.path_params["flow"])
        if flow is None:
            raise HTTPException(404)
        picture = Markup(svg(flow))  # noqa: S704 - every text in it is escaped where it is drawn
        audience = Audience(scene.audience) if scene.audience else flow.audiences[0]
        return self._site.page(
            request,
            "flow.html",
            scene,
            flow=flow,
            picture=picture,
            audience=audience,
            first=first_places(flow),
            concerns=situation.pack.concerns,
            linked=self._site.marked(situation.knowledge).linked,
            is_outcome=lambda node: isinstance(node, Outcome),
        )

    async def imprint(self, request: Request) -> Response:
        return self._site.page(request, "imprint.html", self._site.scene(request))

    async def privacy(self, request: Request) -> Response:
        return self._site.page(request, "privacy.html", self._site.scene(request))

    async def robots(self, request: Request) -> Response:
        """Crawlers may read everything but the many addresses of one first page."""
        lines = ["User-agent: *", "Disallow: /*?anliegen=", f"Sitemap: {self._site.base(request)}/sitemap.xml"]
        return PlainTextResponse("\n".join(lines) + "\n")

    async def sitemap(self, request: Request) -> Response:
        """The first page, and every office and guideline of every city."""
        knowledge, base = self._site.knowledge(), self._site.base(request)
        urls = {"": f"{base}/"}
        for region in knowledge.regions:
            pack = knowledge.pack(region, "de")
            for page, kind, found in (("stelle", "actor", pack.actors), ("leitfaden", "flow", pack.flows)):
                for one in found:  # what cities share is listed once
                    urls.setdefault(pack.origin[f"{kind}/{one}"], f"{base}/{page}/{one}?stadt={region}")
        content = self._site.templates.get_template("sitemap.xml").render(urls=urls.values())
        return Response(content, media_type="application/xml")

    async def security(self, _: Request) -> Response:
        """Whom to tell about a hole, if the operator says so."""
        settings = self._site.settings
        if settings.security_contact is None:
            raise HTTPException(404)
        expires = (self._site.clock() + RENEWED).isoformat(timespec="seconds")
        return PlainTextResponse(f"Contact: {settings.security_contact}\nExpires: {expires}\n")

    async def asset(self, request: Request) -> Response:
        asset = self._site.assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        kept = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(asset.content, media_type=asset.kind, headers=kept)

    def _asked(self, request: Request) -> tuple[Scene, Actor]:
        """The office that the address names, and the scene, its audience being one that the office is for."""
        scene = self._site.scene(request)
        situation = self._site.situation(scene)
        actor = situation.pack.actors.get(request.path_params["actor"])
        if actor is None:
            raise HTTPException(404)
        for audience in (scene.audience, Audience.PARENT, *actor.audiences):
            if audience in actor.audiences:
                return replace(scene, audience=str(audience)), actor
        return replace(scene, audience=str(Audience.PARENT)), actor

    def _shown(self, situation: Situation, actor: Actor) -> object:
        return self._site.marked(situation.knowledge).shown(Reply(card=cards.card(situation, actor)))


def _audiences(situation: Situation, actor: Actor) -> list[tuple[str, str]]:
    texts = situation.texts
    labels = {
        Audience.PARENT: texts.parent_button,
        Audience.STUDENT: texts.student_button,
        Audience.TEACHER: texts.teacher_button,
        Audience.COORDINATOR: texts.coordinator_button,
    }
    return [(str(audience), label.sie) for audience, label in labels.items() if audience in actor.audiences]


def _query(scene: Scene) -> str:
    return urlencode({"stadt": scene.region, "wer": scene.audience, "sprache": scene.language})


def _file(content: str | bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def first_places(flow: Flow) -> set[tuple[str, str, str]]:
    """The options (question, option, target) below which a target is written out; elsewhere a link leads to it."""
    found: set[tuple[str, str, str]] = set()
    seen = {flow.start}
    pending = [flow.start]
    while pending:
        node = flow.nodes[pending.pop()]
        for option in node.options if isinstance(node, Question) else ():
            if option.to not in seen:
                seen.add(option.to)
                found.add((node.id, option.id, option.to))
                pending.append(option.to)
    return found
