"""The one form of the web door: what a page sends, and what it needs to know to be sent again."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from knowledge.base import Knowledge
from knowledge.model import Audience
from knowledge.search.clean import clean

FIELDS = 16  # a form of ours has nine
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def token() -> str:
    """Names a conversation; only who has the page can know it."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Scene:
    """How a page is to be shown: language, and for the pages of offices city and audience."""

    language: str
    region: str
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. *opening* are presses that the first page showed, and that still have to be told."""

    chat: str
    number: str
    scene: Scene
    opening: tuple[str, ...] = ()
    press: str | None = None
    label: str = ""
    text: str = field(default="", repr=False)

    @property
    def said(self) -> str:
        """The user's words, for the page that answers them."""
        return clean(self.label if self.press is not None else self.text)

    @classmethod
    def read(cls, raw: bytes, headers: Headers, knowledge: Knowledge, fresh: Scene) -> Self:
        """The form in *raw*. What is missing or none of ours is left out; a broken token begins anew."""
        if headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            raise HTTPException(415)
        try:
            fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS)
        except ValueError:
            raise HTTPException(400) from None
        values = {name: given[0] for name, given in fields.items()}
        press, _, label = values["press"].partition(" ") if "press" in values else (None, "", "")
        known = _TOKEN.fullmatch(values.get("token", "")) is not None
        scene = chosen(knowledge, values, fresh)
        return cls(
            values["token"] if known else token(),
            values.get("nr", ""),
            scene,
            tuple(values.get("anfang", "").split()) if known else opening(knowledge, values, fresh),
            press,
            label,
            values.get("text", ""),
        )


def chosen(knowledge: Knowledge, values: dict[str, str], fresh: Scene) -> Scene:
    """The scene named in a form or an address; what is not offered is left out."""
    language, region, audience = values.get("sprache"), values.get("stadt"), values.get("wer")
    return Scene(
        language if language in knowledge.languages else fresh.language,
        region if region in knowledge.regions else fresh.region,
        audience if audience in set(Audience) else fresh.audience,
    )


def opening(knowledge: Knowledge, values: dict[str, str], fresh: Scene) -> tuple[str, ...]:
    """The presses that a page begins with: what its address names, at last the concern or the greeting."""
    scene = chosen(knowledge, values, fresh)
    presses = []
    if values.get("sprache") in knowledge.languages:
        presses.append(f"lang/{scene.language}")
    if values.get("stadt") in knowledge.regions:
        presses.append(f"in/{scene.region}")
    if values.get("wer") in set(Audience):
        presses.append(f"as/{scene.audience}")
    pack = knowledge.pack(scene.region, scene.language)
    concern = values.get("anliegen")
    return (*presses, f"c/{concern}" if concern in pack.concerns else "do/start")
