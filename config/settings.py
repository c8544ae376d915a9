"""Settings: one YAML file, overridden by environment variables; read once, frozen, every mistake named."""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "SCHULLOTSE_"
FILE = "schullotse.yaml"


class SettingsError(Exception):
    """The configuration cannot be used; the message is one sentence a mistake and shows no secret."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    """A list, also from the environment: separated by commas, with or without brackets and quotation marks."""
    parts = value.strip().strip("[]").split(",") if isinstance(value, str) else value
    return [str(part).strip(" \"'") for part in parts if str(part).strip(" \"'")] if isinstance(parts, list) else value


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname or set(value) & set(" ;,'\""):
        raise ValueError("must be an address such as https://schullotse.example.org")
    return value.rstrip("/")


def _origin(value: str) -> str:
    if urlsplit(_address(value))[2:] != ("",) * 3:
        raise ValueError("must be an origin such as https://www.example.org, without a path")
    return value


Address = Annotated[str, AfterValidator(_address)]
Origin = Annotated[str, AfterValidator(_origin)]


class Telegram(_Section):
    """The Telegram channel; it runs if a token is set."""

    token: SecretStr | None = None
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    poll_timeout: Annotated[int, Field(ge=0, le=50)] = 50  # seconds one question for news waits; Telegram's limit is 50
    buttons_only: bool = False  # typed words are looked at for danger only
    protect_content: bool = False  # conversations cannot be forwarded; contact cards and help in danger always can


class Matrix(_Section):
    """The Matrix channel; it runs if a homeserver is set.

    *user* is a full id. *store*: the folder of session and encryption keys, by default in the user's data folder.
    *allowed_servers*: whose invitations are accepted; if none is named, those of the user's own server.
    """

    homeserver: str | None = None
    user: str | None = None
    password: SecretStr | None = None
    access_token: SecretStr | None = None
    device_name: str = "Schullotse"
    store: Path | None = None
    allowed_servers: Listed = ()


class Web(_Section):
    """The web door; it runs if a port is set.

    *url* is its public address. *embed_in*: the origins that may show it in a frame. *exit_url*: where "leave this page
    quickly" leads. *proxies*: addresses of our own reverse proxies, whose X-Forwarded-For is believed.
    *operator* and *privacy_contact* are shown as they are, line by line, in imprint and privacy notice.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] | None = None
    url: Address | None = None
    embed_in: Annotated[tuple[Origin, ...], BeforeValidator(_listed)] = ()
    exit_url: Address = "https://www.wikipedia.org"
    proxies: Listed = ()
    operator: str = ""
    privacy_contact: str = ""
    security_contact: Address | None = None


class Ops(_Section):
    """Health and metrics, on the loopback interface."""

    port: Annotated[int, Field(ge=0, le=65535)] = 9090


class Review(_Section):
    """The anonymous request statistics: how often they are released. A thin month waits for its quarter."""

    period: Literal["month", "quarter"] = "month"


class Coordinators(_Section):
    """Who may see statistics, per channel (ids separated by commas).

    *database_url*: a login of its own for the review pages, whose rights end at releases and accounts; docs/review.md.
    """

    telegram: Listed = ()
    matrix: Listed = ()
    web: Listed = ()
    database_url: Annotated[str | None, Field(repr=False)] = None  # may hold a password


class Settings(_Section):
    """All settings. Environment names are SCHULLOTSE_ and the key, `__` between section and key."""

    database_url: Annotated[str | None, Field(repr=False)] = None  # may hold a password
    secret: SecretStr | None = None
    region: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    packs: Annotated[tuple[Path, ...], BeforeValidator(_listed)] = ()
    telegram: Telegram = Telegram()
    matrix: Matrix = Matrix()
    web: Web = Web()
    ops: Ops = Ops()
    review: Review = Review()
    coordinators: Coordinators = Coordinators()


def read(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings from *path* (else SCHULLOTSE_CONFIG, else ./schullotse.yaml if there is one) and *environment*."""
    named = path or (Path(environment[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in environment else None)
    file = named or Path(FILE)
    values = _file(file) if named or file.is_file() else {}
    values = {key: value for key, value in values.items() if value is not None}  # a section without keys
    _override(values, environment)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error, file))) from None


def _file(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}; name an existing file with --config") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = (
            f":{error.problem_mark.line + 1}" if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else ""
        )
        raise SettingsError(f"{path}{line}: is not valid YAML; see config/schullotse.example.yaml") from None
    if values is not None and not isinstance(values, dict):
        raise SettingsError(f"{path}: must hold 'key: value' lines; see config/schullotse.example.yaml")
    return values or {}


def _override(values: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in sorted(environment.items()):
        if not name.startswith(PREFIX) or name == PREFIX + "CONFIG":
            continue
        *sections, key = name.removeprefix(PREFIX).lower().split("__")
        place = values
        for section in sections:
            inner = place.setdefault(section, {})
            if not isinstance(inner, dict):
                raise SettingsError(f"{name}: '{section}' is not a section")
            place = inner
        place[key] = value


def _sentences(error: ValidationError, file: Path) -> Iterator[str]:
    """One sentence a mistake. The input is never shown: it may be a secret."""
    known = list(_keys(Settings))
    for detail in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in detail["loc"])
        where = f"setting '{key}' ({PREFIX}{key.upper().replace('.', '__')} or {file})"
        if detail["type"] == "extra_forbidden":
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            yield f"{where} is unknown; the nearest known one is '{close[0] if close else known[0]}'"
        else:
            yield f"{where}: {detail['msg']}"


def _keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{before}{name}.")
        else:
            yield before + name
