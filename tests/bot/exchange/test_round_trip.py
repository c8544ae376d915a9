"""What leaves as HSDS, CSV or YAML comes back the same, whatever the texts are."""

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given

from bot.exchange import hsds, hsds_import, table
from bot.exchange.admit import admit
from bot.exchange.pack_files import to_yaml
from bot.exchange.schemas import problems
from bot.exchange.shared import shared
from knowledge.base import Knowledge
from knowledge.load import load
from knowledge.model import Actor, Audience, Fact, Pack
from knowledge.schema import typed
from knowledge.source import parse
from tests.bot.exchange.actors import TRIED, actors, alone
from tests.conftest import CACHE

KNOWLEDGE = load(cache=CACHE)
SHIPPED = [(region, actor) for region in KNOWLEDGE.regions for actor in KNOWLEDGE.pack(region, "de").actors.values()]


def through_csv(actor: Actor) -> Actor:
    arrived, found = table.read(table.export([actor]), "actors.csv")
    assert not found
    return arrived[0].actor


def through_hsds(pack: Pack, actor: Actor) -> Actor:
    written = hsds.export(alone(pack, actor), KNOWLEDGE.texts["de"])
    arrived, found = hsds_import.read(written, "services.json")
    assert not found
    return arrived[0].actor


@pytest.mark.parametrize("region", KNOWLEDGE.regions)
def test_every_shipped_actor_comes_back_from_csv_as_it_left(region: str) -> None:
    whole = KNOWLEDGE.pack(region, "de").actors.values()
    arrived, found = table.read(table.export(whole), "actors.csv")
    assert not found
    assert [one.actor for one in arrived] == [shared(actor) for actor in whole]


@pytest.mark.parametrize("region", KNOWLEDGE.regions)
def test_every_shipped_actor_comes_back_from_hsds_as_it_left(region: str) -> None:
    pack = KNOWLEDGE.pack(region, "de")
    arrived, found = hsds_import.read(hsds.export(pack, KNOWLEDGE.texts["de"]), "services.json")
    assert not found
    assert [one.actor for one in arrived] == [shared(pack.actors[name]) for name in sorted(pack.actors)]


@TRIED
@given(actors())
def test_any_text_survives_csv(actor: Actor) -> None:
    assert through_csv(actor) == actor


@TRIED
@given(actors())
def test_any_text_survives_hsds(actor: Actor) -> None:
    pack = KNOWLEDGE.pack("dortmund", "de")
    assert through_hsds(pack, actor) == actor


@TRIED
@given(actors())
def test_any_text_survives_the_file_of_a_pack(actor: Actor) -> None:
    document, found = parse(to_yaml(actor), "actors/x.yaml")
    assert document is not None
    assert not found
    assert isinstance(document.tree, dict)
    assert typed(Actor, {"id": actor.id, **document.tree}, document) == (actor, [])


@TRIED
@given(actors())
def test_no_cell_begins_with_what_a_spreadsheet_would_run(actor: Actor) -> None:
    text = table.export([actor]).removeprefix("\ufeff")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0"))]


@TRIED
@given(actors())
def test_what_leaves_has_left_everything_private_behind(actor: Actor) -> None:
    assert shared(actor) == actor


def test_private_facts_and_outdated_versions_never_leave() -> None:
    """Of every shipped actor: nothing internal, personal, or of a person; of two versions only the newer one."""
    for region, actor in SHIPPED:
        names = {actor.name, actor.short, *actor.aliases}
        gone = {fact.value for fact in actor.facts} - {fact.value for fact in shared(actor).facts} - names
        exported = hsds.export(alone(KNOWLEDGE.pack(region, "de"), actor), KNOWLEDGE.texts["de"])
        assert not gone & set(_texts(json.loads(exported)))
        assert not gone & {fact.value for fact in through_csv(actor).facts}
        assert not any(fact.internal or fact.personal or fact.kind == "person" for fact in shared(actor).facts)
    numbers = [fact.value for fact in shared(KNOWLEDGE.pack("dortmund", "de").actors["notruf-elterntelefon"]).facts]
    assert "Mo–Fr 9–17 Uhr, Di und Do bis 19 Uhr" in numbers
    assert "Mo–Fr 9–11 Uhr" not in numbers


def _texts(tree: object) -> list[str]:
    match tree:
        case dict():
            return [text for value in tree.values() for text in _texts(value)]
        case list():
            return [text for value in tree for text in _texts(value)]
    return [tree] if isinstance(tree, str) else []


def test_ids_are_those_of_the_last_export_and_never_shared_by_two_things(knowledge: Knowledge) -> None:
    pack = knowledge.pack("dortmund", "de")
    services = json.loads(hsds.export(pack, knowledge.texts["de"]))["contents"]
    by_name = {service["name"]: service["id"] for service in services}
    assert by_name["Kontakt- und Beratungsverbund Dortmund (KuB)"] == "1e690ffd-b6ec-5078-9aa0-d480a5606f5b"
    phones = [phone["id"] for service in services for phone in service.get("phones", [])]
    assert len({*by_name.values(), *phones}) == len(services) + len(phones)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": None}, "name: None is not of type 'string'"),
        ({"id": "kub"}, "id: 'kub' is not a 'uuid'"),
        ({"url": "www kub"}, "url: 'www kub' is not a 'uri'"),
        ({"email": "kub"}, "email: 'kub' is not a 'email'"),
        ({"status": "open"}, "status: 'open' is not one of"),
        ({"phones": [{"id": "1e690ffd-b6ec-5078-9aa0-d480a5606f5b"}]}, "phones.0: 'number' is a required property"),
    ],
)
def test_the_official_schema_finds_what_is_wrong(wrong: dict[str, object], said: str) -> None:
    right = {"id": "1e690ffd-b6ec-5078-9aa0-d480a5606f5b", "name": "KuB", "status": "active"}
    assert not list(problems("service", right))
    assert next(problems("service", {**right, **wrong})).startswith(said)


def test_nothing_is_exported_that_the_official_schema_refuses(pack: Pack) -> None:
    mailbox = Fact(kind="email", value="no mailbox", source=("x",), as_of="unknown")
    broken = replace(pack.actors["kub"], facts=(mailbox,))
    with pytest.raises(ValueError, match="'no mailbox' is not a 'email'"):
        hsds.export(alone(pack, broken), KNOWLEDGE.texts["de"])


@pytest.mark.parametrize("audience", Audience)
def test_an_empty_text_is_refused_for_everybody(audience: Audience) -> None:
    """A card would show nothing; a table, which cannot tell empty from absent, would lose it."""
    tree = {
        "id": "a", "name": "A", "short": "A", "kind": "ngo", "audiences": [*Audience],
        "does": {**dict.fromkeys(Audience, "Hilft."), audience: ""}, "facts": [],
    }  # fmt: skip
    arrived, found = admit(tree, "a.yaml", 1)
    assert arrived is None
    assert [str(problem) for problem in found] == [
        f"a.yaml:1: a: does not say what it does for the audience '{audience}'; one or two short sentences"
    ]
