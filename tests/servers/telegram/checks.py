"""What the Bot API refuses: limits and forms of texts, entities, keyboards, contacts and commands."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

TEXT, DATA, VCARD, BUTTONS, IN_A_ROW = 4096, 64, 2048, 100, 8
STYLES = frozenset(
    "bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link".split()
)
Parameters = Mapping[str, Any]


class ApiError(Exception):
    """An answer with ok = false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


def bad(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def number(parameters: Parameters, name: str, default: int | None = None) -> int:
    value = parameters.get(name, default)
    try:
        return int(str(value))
    except ValueError:
        raise bad(f"{name} must be a number") from None


def parsed(parameters: Parameters, name: str) -> Any:
    """The JSON value of a parameter; None if it is absent."""
    if name not in parameters:
        return None
    try:
        return json.loads(parameters[name])
    except ValueError:
        raise bad(f"can't parse {name} JSON object") from None


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def text(parameters: Parameters, name: str = "text", limit: int = TEXT) -> str:
    said = str(parameters.get(name, ""))
    if not said.strip():
        raise bad("message text is empty")
    if units(said) > limit:
        raise bad("message is too long")
    return said


def entities(parameters: Parameters, said: str) -> list[dict[str, Any]]:
    """Stricter than Telegram, which silently mends: a wrong place is a mistake of ours."""
    found = parsed(parameters, "entities") or []
    coded = said.encode("utf-16-le")
    for entity in found:
        kind, start, size = entity.get("type"), entity.get("offset"), entity.get("length")
        if kind not in STYLES or not isinstance(start, int) or not isinstance(size, int):
            raise bad("can't parse entities: wrong type")
        if start < 0 or size < 1 or (start + size) * 2 > len(coded):
            raise bad("can't parse entities: out of range")
        try:
            coded[start * 2 : (start + size) * 2].decode("utf-16-le")
        except UnicodeDecodeError:
            raise bad("can't parse entities: half a character") from None
        if (kind == "text_link") != ("url" in entity) or (kind == "text_link" and not _web(entity["url"])):
            raise bad("can't parse entities: wrong url")
    return list(found)


def keyboard(parameters: Parameters) -> dict[str, Any] | None:
    markup = parsed(parameters, "reply_markup")
    if markup is None:
        return None
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or sum(map(len, rows)) > BUTTONS or any(len(row) > IN_A_ROW for row in rows):
        raise bad("can't parse reply keyboard markup")
    for row in rows:
        for button in row:
            if not str(button.get("text", "")).strip():
                raise bad("can't parse inline keyboard button: Text buttons must have text")
            if set(button) == {"text", "callback_data"}:
                if not 1 <= len(button["callback_data"].encode()) <= DATA:
                    raise bad("BUTTON_DATA_INVALID")
            elif set(button) != {"text", "url"} or not _web(button["url"]):
                raise bad("BUTTON_TYPE_INVALID" if set(button) != {"text", "url"} else "BUTTON_URL_INVALID")
    return {"inline_keyboard": [row for row in rows if row]}


def contact(parameters: Parameters) -> dict[str, Any]:
    phone, name = str(parameters.get("phone_number", "")), str(parameters.get("first_name", ""))
    card = str(parameters.get("vcard", ""))
    if not re.fullmatch(r"\+?[0-9 ()-]{3,24}", phone) or not name.strip():
        raise bad("PHONE_NUMBER_INVALID" if name else "first name must be non-empty")
    if len(card.encode()) > VCARD:
        raise bad("vCard is too long")
    return {"phone_number": phone, "first_name": name, **({"vcard": card} if card else {})}


def commands(parameters: Parameters) -> list[dict[str, str]]:
    found = parsed(parameters, "commands")
    if not isinstance(found, list) or len(found) > 100:
        raise bad("can't parse commands")
    for each in found:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", each.get("command", "")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(each.get("description", "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return [{"command": each["command"], "description": each["description"]} for each in found]


def webhook(parameters: Parameters) -> tuple[str, str]:
    """(address, secret). Plain http is fine on loopback only, as with a Bot API server of one's own."""
    parts = urlsplit(url := str(parameters.get("url", "")))
    local = parts.hostname in {"127.0.0.1", "localhost"}
    if url and not ((parts.scheme == "https" and parts.port in {None, 443, 80, 88, 8443}) or local):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = str(parameters.get("secret_token", ""))
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad("secret token contains unallowed characters")
    return url, secret


def _web(url: object) -> bool:
    parts = urlsplit(str(url))
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not re.search(r"\s", str(url))
