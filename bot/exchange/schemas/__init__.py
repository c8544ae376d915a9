"""The official JSON Schemas of HSDS, and a check against them that needs no network. Licence and source: NOTICE."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parent
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//[^/?#\s]+)?[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")

FORMATS = FormatChecker(("uuid",))


@FORMATS.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or _URI.fullmatch(value) is not None


@FORMATS.checks("email")
def _email(value: object) -> bool:
    return not isinstance(value, str) or _MAIL.fullmatch(value) is not None


def problems(kind: str, value: object) -> Iterator[str]:
    """What keeps *value* from being a valid *kind* of HSDS, for example "service", each with its place."""
    for error in sorted(_validator(kind).iter_errors(value), key=lambda error: [str(part) for part in error.path]):
        where = ".".join(str(part) for part in error.absolute_path)
        yield f"{where}: {error.message}" if where else error.message


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = _registry()[f"{kind}.json"].contents
    return Draft202012Validator(schema, registry=_registry(), format_checker=FORMATS)


@cache
def _registry() -> Registry[Any]:
    """Every schema under its file name, by which they refer to each other."""
    files = ((path.name, json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json")))
    named = ((name, Resource.from_contents(schema, default_specification=DRAFT202012)) for name, schema in files)
    empty: Registry[Any] = Registry()
    return empty.with_resources(named)
