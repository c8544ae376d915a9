"""The directory as HSDS 3.1 JSON: a page of services, everything nested; each actor is an organization with a service.

What HSDS has a field for stands there. What it has none for – where a fact comes from, its date, whom it is for –
stands beside it in our own object `provenance`, as HSDS's rules of conformance allow.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.exchange import shared as common
from bot.exchange.schemas import problems
from bot.exchange.shared import address, concerns, contacts, home, shared, web
from knowledge import hours
from knowledge.model import Actor, Audience, Fact, Pack
from knowledge.texts import Texts

Object = dict[str, object]

IDENTIFIER = "schullotse"
"""The identifier_type under which an organization carries our own id, "dortmund/kub"."""

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ADULTS_FIRST = (Audience.PARENT, Audience.TEACHER, Audience.COORDINATOR, Audience.STUDENT)
TEXTUAL = ("role", "limit", "confidentiality", "caveat")  # kinds of facts for which HSDS has no object of their own
TAXONOMIES: Mapping[str, str] = {
    "concern": "What somebody needs help with when a child does not go to school",
    "audience": "Who may turn to the service",
    "kind": "Who runs the service",
}


def export(pack: Pack, texts: Texts) -> str:
    """All actors of *pack*. ValueError if the result were not valid HSDS: then nothing must be written."""
    services = [_Entry(pack, shared(pack.actors[actor_id]), texts).service() for actor_id in sorted(pack.actors)]
    for service in services:
        for problem in problems("service", service):
            raise ValueError(f"{service['name']}: {problem}")
    size = len(services)
    page = {"total_items": size, "total_pages": 1, "page_number": 1, "size": size}
    ends = {"first_page": True, "last_page": True, "empty": not services}
    return json.dumps({**page, **ends, "contents": services}, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One actor on its way into HSDS."""

    pack: Pack
    actor: Actor
    texts: Texts

    def service(self) -> Object:
        actor = self.actor
        return _present(
            id=self.uid("service"),
            name=actor.name,
            alternate_name=actor.short,
            description=_first(actor.does),
            url=next((web(fact.value) for fact in actor.of_kind("web")), ""),
            additional_urls=[self.url(fact) for fact in actor.of_kind("web")],
            email=next((fact.value for fact in actor.of_kind("email")), ""),
            status="active",
            application_process=_first(actor.first_step),
            fees_description="; ".join(fact.value for fact in actor.of_kind("cost")),
            eligibility_description="; ".join(fact.value for fact in actor.of_kind("limit")),
            assured_date=self.assured(),
            alert=self.alert(),
            phones=[self.phone(fact) for fact in actor.of_kind("phone")],
            schedules=[schedule for fact in actor.of_kind("hours") for schedule in self.schedules(fact)],
            service_at_locations=[self.place(fact) for fact in actor.of_kind("address")],
            languages=[self.told(fact, {"label": fact.label}, note=fact.value) for fact in actor.of_kind("language")],
            organization=self.organization(),
            cost_options=[self.cost(fact) for fact in actor.of_kind("cost")],
            contacts=[self.told(fact, department=fact.label, email=fact.value) for fact in actor.of_kind("email")],
            attributes=[*self.attributes(), *self.statements()],
        )

    def organization(self) -> Object:
        actor, own = self.actor, self.uid("organization")
        identifier = f"{home(self.pack, actor)}/{actor.id}"
        aliases = [self.attribute("organization", "alias", value=alias) for alias in actor.aliases]
        kinds = [
            self.attribute("organization", "kind", term=self.term("kind", kind, kind)) for kind in actor.kind.split("+")
        ]
        return _present(
            id=own,
            name=actor.name,
            alternate_name=actor.short,
            description=_first(actor.does) or actor.name,
            website=next((web(fact.value) for fact in actor.of_kind("web")), ""),
            organization_identifiers=[
                _present(
                    id=self.uid("identifier"),
                    organization_id=own,
                    identifier_type=IDENTIFIER,
                    identifier=identifier,
                )
            ],
            attributes=[*kinds, *aliases],
        )

    def phone(self, fact: Fact) -> Object:
        return self.told(fact, number=fact.value, description=fact.label, service_id=self.uid("service"))

    def cost(self, fact: Fact) -> Object:
        return self.told(fact, option=fact.label, amount_description=fact.value)

    def url(self, fact: Fact) -> Object:
        written = fact.value if fact.value != web(fact.value) else ""
        return self.told(fact, {"written": written}, label=fact.label, url=web(fact.value))

    def schedules(self, fact: Fact) -> Iterator[Object]:
        """One weekly rule a line of `opens`; hours without them are a text only. Times are local, Europe/Berlin."""
        for line in fact.opens or ("",):
            span = hours.parse(line) if line else None
            rule = (
                {
                    "freq": "WEEKLY",
                    "byday": ",".join(DAYS[day] for day in span.days),
                    "opens_at": _clock(span.start),
                    "closes_at": _clock(span.end),
                }
                if span
                else {}
            )
            told = self.told(fact, **rule, description=fact.value, notes=fact.label)
            yield {**told, "id": self.uid("hours", fact.label, *fact.audiences, line)}

    def place(self, fact: Fact) -> Object:
        """A location, with an address only where the fact holds all of one and its Land is that of the city."""
        parts = address(fact.value) if home(self.pack, self.actor) == self.pack.id and self.pack.land else None
        addresses = (
            [
                _present(
                    id=self.uid("postal", fact.label, *fact.audiences),
                    address_1=parts[0],
                    city=parts[2],
                    state_province=self.pack.land,
                    postal_code=parts[1],
                    country="DE",
                    address_type="physical",
                )
            ]
            if parts
            else []
        )
        location = self.told(
            fact, location_type="physical", name=fact.label, description=fact.value, addresses=addresses
        )
        return {"id": self.uid("at", fact.label, *fact.audiences), "location": location}

    def attributes(self) -> Iterator[Object]:
        """Whom and what the service is for; what it tells each audience."""
        actor = self.actor
        for concern in (self.pack.concerns[concern_id] for concern_id in concerns(self.pack, actor)):
            term = self.term("concern", concern.id, concern.label, concern.plain.sie)
            yield self.attribute("service", "concern", term=term)
        for audience in actor.audiences:
            yield self.attribute("service", "audience", term=self.audience(audience))
        for name, said in (("does", actor.does), ("first_step", actor.first_step)):
            for audience, text in said.items():
                yield self.attribute("service", name, term=self.audience(audience), value=text)
        for audience, things in actor.have_ready.items():
            for thing in things:
                yield self.attribute("service", "have_ready", term=self.audience(audience), value=thing)
        for question, options in actor.eligibility.items():
            for option in options:
                yield self.attribute("service", "eligibility", value=f"{question}={option}")

    def statements(self) -> Iterator[Object]:
        """Facts for which HSDS has no object of their own."""
        own = self.uid("service")
        for fact in (fact for kind in TEXTUAL for fact in self.actor.of_kind(kind)):
            yield self.told(
                fact, link_id=own, link_entity="service", link_type=fact.kind, label=fact.label, value=fact.value
            )

    def attribute(self, entity: str, link_type: str, *, term: Object | None = None, value: str = "") -> Object:
        code = str(term["code"]) if term else ""
        return _present(
            id=self.uid("attribute", link_type, code, value),
            link_id=self.uid(entity),
            link_entity=entity,
            link_type=link_type,
            taxonomy_term_id=term["id"] if term else "",
            taxonomy_term=term or {},
            value=value,
        )

    def audience(self, audience: Audience) -> Object:
        return self.term("audience", audience, getattr(self.texts, f"{audience}_button").sie)

    def term(self, taxonomy: str, code: str, name: str, description: str = "") -> Object:
        whole = {
            "id": f"{common.identity('taxonomy', taxonomy)}",
            "name": taxonomy,
            "description": TAXONOMIES[taxonomy],
        }
        return {
            "id": f"{common.identity('taxonomy', taxonomy, code)}",
            "code": code,
            "name": name,
            "description": description or name,
            "taxonomy": taxonomy,
            "taxonomy_detail": whole,
            "taxonomy_id": whole["id"],
            "language": "de",
        }

    def told(self, fact: Fact, unsaid: Mapping[str, str] = MappingProxyType({}), /, **fields: object) -> Object:
        """The object that stands for *fact*, with its provenance, to which belongs what HSDS leaves *unsaid*."""
        provenance = _present(
            source=list(fact.source),
            as_of=fact.as_of,
            valid_until=fact.valid_until,
            audiences=list(fact.audiences),
            unsure=fact.unsure,
            **unsaid,
        )
        own = self.uid(fact.kind, fact.label, *fact.audiences)
        return {**_present(id=own, **fields), "provenance": provenance}

    def assured(self) -> str:
        """Since when every contact fact is known: the oldest date of them; nothing if one has no date."""
        dates = [fact.as_of for fact in contacts(self.actor)]
        return "" if "unknown" in dates else min(dates, default="")

    def alert(self) -> str:
        """Names the contact facts that should be checked before use."""
        unsure = [fact for fact in contacts(self.actor) if fact.unsure]
        names = [f"{getattr(self.texts, f'card_{fact.kind}').sie} {fact.label}".strip() for fact in unsure]
        return f"{self.texts.card_unsure.sie}: {', '.join(names)}" if names else ""

    def uid(self, *parts: str) -> str:
        return f"{common.identity(home(self.pack, self.actor), self.actor.id, *parts)}"


def _present(**fields: object) -> Object:
    """Without the fields that say nothing: what is unknown stays absent."""
    return {name: value for name, value in fields.items() if value not in ("", [], {}, False)}


def _first(said: Mapping[Audience, str]) -> str:
    """One text for readers that know no audiences."""
    return next((said[audience] for audience in ADULTS_FIRST if audience in said), "")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
