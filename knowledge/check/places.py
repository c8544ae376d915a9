"""Schools, districts and dates: complete, sourced, and naming only what exists."""

import re
from collections.abc import Iterator

from knowledge import dates as days
from knowledge.check.checker import DATE, LABEL, PAYLOAD, SLUG, Checker
from knowledge.check.directory import FORMATS, fact_faults
from knowledge.dates import Date
from knowledge.districts import DISTRICT
from knowledge.model import UNSURE, Pack
from knowledge.schema import nearest
from knowledge.schools import FORM, School

_POSTCODE = re.compile(r"\d{5}")
_BUTTON = "school/"
CONTACTS = ("absence_phone", "absence_email", "social_work_phone", "social_work_email")


def schools(checker: Checker) -> None:
    pack = checker.pack
    forms, authorities = school_forms(pack), school_authorities(pack)
    for school in pack.schools.values():
        for text in school_faults(school, forms=forms, authorities=authorities):
            checker.at(f"school/{school.id}", text)


def school_forms(pack: Pack) -> tuple[str, ...]:
    """The forms a school may have: the options of the question for it."""
    question = pack.questions.get(FORM)
    return tuple(option.id for option in question.options if option.id != UNSURE) if question else ()


def school_authorities(pack: Pack) -> tuple[str, ...]:
    """The actors that are in charge of some forms of schools only: between them the form or the row decides."""
    return tuple(actor.id for actor in pack.actors.values() if FORM in actor.eligibility)


def school_faults(school: School, *, forms: tuple[str, ...], authorities: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with one row, and what would be right."""
    if not SLUG.fullmatch(school.id):
        yield f"'{school.id}' is not an id; use the official number, or a-z, 0-9 and single hyphens"
    elif len(school.id) > PAYLOAD - len(_BUTTON):
        yield f"the id '{school.id}' is too long; at most {PAYLOAD - len(_BUTTON)} characters"
    if not school.name:
        yield "has no name"
    if school.form and school.form not in forms:
        yield f"form is '{school.form}', but must be empty or one of {', '.join(forms)}{nearest(school.form, forms)}"
    if school.authority and school.authority not in authorities:
        right = f"one of {', '.join(authorities)}" if authorities else "empty: no actor here depends on the form"
        yield f"authority is '{school.authority}', but must be {right}{nearest(school.authority, authorities)}"
    if school.postcode and not _POSTCODE.fullmatch(school.postcode):
        yield f"postcode '{school.postcode}' has not five digits"
    for column in ("phone", "email", "web", *CONTACTS):
        kind = column.rpartition("_")[2]
        value = getattr(school, column)
        if value and not FORMATS[kind][0].fullmatch(value):
            yield f"{column} '{value}' is not a {kind}; write it like {FORMATS[kind][1]}"
    yield from _origins(school)


def _origins(school: School) -> Iterator[str]:
    contacts = [column for column in CONTACTS if getattr(school, column)]
    for source, as_of, needed in (("source", "as_of", True), ("contact_source", "contact_as_of", bool(contacts))):
        if needed and not getattr(school, source):
            yield f"has no {source}; say where it was read" + ("" if source == "source" else f" ({contacts[0]})")
        value = getattr(school, as_of)
        if (needed or value) and not DATE.fullmatch(value):
            yield f"{as_of} is '{value}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown"


def districts(checker: Checker) -> None:
    pack = checker.pack
    room = PAYLOAD - max((len(f"a/{flow}/{DISTRICT}/") for flow in pack.flows), default=0)
    for district in pack.districts.values():
        key = f"district/{district.id}"
        checker.slug(key, district.id, "id")
        checker.label(key, district.name, "name")
        if len(district.id) > room or district.id == UNSURE:
            checker.at(key, f"'{district.id}' cannot be an id here; choose another of at most {room} characters", "id")
        for index, postcode in enumerate(district.postcodes):
            if not _POSTCODE.fullmatch(postcode):
                checker.at(key, f"postcode '{postcode}' has not five digits", "postcodes", index)
        for actor, facts in district.offices.items():
            checker.known(key, "actor", actor, pack.actors, "offices", actor)
            for index, fact in enumerate(facts):
                for text, *path in fact_faults(fact):
                    checker.at(key, text, "offices", actor, index, *path)


def dates(checker: Checker) -> None:
    answers = [answer.id for answer in checker.pack.answers]
    for one in checker.pack.dates.values():
        key = f"date/{one.id}"
        checker.slug(key, one.id, "id")
        checker.known(key, "actor", one.actor, checker.pack.actors, "actor")
        for index, answer in enumerate(one.answers):
            checker.known(key, "short answer", answer, answers, "answers", index)
        for text, *path in _date(one):
            checker.at(key, text, *path)


def _date(one: Date) -> Iterator[tuple[str, *tuple[str | int, ...]]]:
    if not 0 < len(one.title) <= 2 * LABEL:
        yield f"the title has {len(one.title)} characters; 1 to {2 * LABEL} are allowed", "title"
    if not one.days and not one.when:
        yield "has neither 'days' nor 'when'; say at least how often, or who names the days", "id"
    if not one.audiences:
        yield "is for nobody; name at least one of its audiences", "audiences"
    if not one.source or not all(one.source):
        yield "has no source; every date has one", "source"
    if not DATE.fullmatch(one.as_of):
        yield f"has as_of '{one.as_of}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown", "as_of"
    for index, text in enumerate(one.days):
        try:
            days.parse(text)
        except ValueError as error:
            yield str(error), "days", index
