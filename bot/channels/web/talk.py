"""The conversation on the web: a page to begin with, and an answer to the form that it holds.

Looking at a page leaves nothing behind: the first page shows what the handlers would say, and only the first form that
is sent tells it to the conversation. Nothing that is said or answered ever stands in an address.
"""

import secrets
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.port import Incoming
from bot.channels.web import guard
from bot.channels.web.again import Again
from bot.channels.web.forms import Form, Scene, chosen, opening, token
from bot.channels.web.site import Answer, Site
from handlers import Press, Situation, respond, served
from handlers.commands import greeting, introduction
from handlers.dialogue import Reply

CHANNEL = "web"
GREETED = "do/start"


class Talk:
    """GET shows the first page, POST answers. *again* keeps a reloaded form from being told twice."""

    def __init__(self, site: Site, answer: Answer, again: Again) -> None:
        self._site = site
        self._answer = answer
        self._again = again

    async def first(self, request: Request) -> Response:
        """The first page, as the address wants it: ?sprache, ?stadt, ?wer, ?anliegen."""
        site, query = self._site, dict(request.query_params)
        fresh, scene = site.fresh(request), site.scene(request)
        presses = opening(site.knowledge(), query, fresh)
        response = self._page(
            request, Form(token(), "", scene, presses), self._preview(presses, scene.language), first=True
        )
        if query:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    async def say(self, request: Request) -> Response:
        """The answer to one form. The same form sent again is answered alike and counted once."""
        if not guard.own(request.headers):
            raise HTTPException(403)
        site = self._site
        form = Form.read(await guard.body(request), request.headers, site.knowledge(), site.fresh(request))
        sent = "\0".join((form.number, "text" if form.press is None else "press", form.press or form.text))
        replies = await self._again.once(form.chat, sent, lambda: self._told(form))
        language = site.marked(site.knowledge()).spoken(replies, form.scene.language)
        answered = replace(form, scene=self._moved(replace(form.scene, language=language), form.press), opening=())
        response = self._page(request, answered, replies, first=False)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    async def _told(self, form: Form) -> tuple[Reply, ...]:
        """Tell the opening, then the message. Typed words may choose the language if nothing else has chosen it."""
        untold = form.press is None and form.opening == (GREETED,)
        for press in () if untold else form.opening:
            await self._answer(Incoming(CHANNEL, form.chat, press=press, language=form.scene.language))
        text = form.text if form.press is None else None
        replies = await self._answer(
            Incoming(CHANNEL, form.chat, text=text, press=form.press, language=form.scene.language)
        )
        return self._without_greeting(replies, form.scene) if untold else replies

    def _without_greeting(self, replies: tuple[Reply, ...], scene: Scene) -> tuple[Reply, ...]:
        """What is new to somebody who has read the greeting on the first page."""
        situation = self._beginning(scene.language)
        read = (introduction(situation), greeting(situation))
        return tuple(reply for reply in replies if reply not in read) or replies

    def _beginning(self, language: str) -> Situation:
        knowledge = self._site.knowledge()
        conversation = served(knowledge, replace(self._site.start, greeted=True, language=language))
        return Situation(knowledge, conversation, Press("", self._site.clock()))

    def _preview(self, presses: tuple[str, ...], language: str) -> tuple[Reply, ...]:
        """What the conversation would say after *presses*; nothing is stored or counted."""
        now = self._beginning(language)
        replies: tuple[Reply, ...] = ()
        for press in presses:
            turn = respond(now.knowledge, now.conversation, Press(press, now.at))
            now, replies = replace(now, conversation=turn.conversation), turn.replies
        return replies if presses[-1] == GREETED else (introduction(now), *replies)

    def _page(self, request: Request, form: Form, replies: tuple[Reply, ...], *, first: bool) -> Response:
        marked = self._site.marked(self._site.knowledge())
        turn = marked.answered(replies, "" if first else form.said)
        number = secrets.token_urlsafe(6)
        return self._site.page(request, "talk.html", form.scene, form=form, turn=turn, number=number, first=first)

    def _moved(self, scene: Scene, press: str | None) -> Scene:
        """The scene after a press that names a city or an audience."""
        act, _, value = (press or "").partition("/")
        named = {"in": "stadt", "as": "wer"}.get(act)
        return chosen(self._site.knowledge(), {named: value}, scene) if named else scene
