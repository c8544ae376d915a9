"""Who is responsible: the city's lists, sifted by what is known."""

import pytest

from handlers.refer import deciding, decisive, responsible
from knowledge.model import UNSURE, Audience, Pack

T, P, S, C = Audience.TEACHER, Audience.PARENT, Audience.STUDENT, Audience.COORDINATOR


def actors(pack: Pack, concern: str, audience: Audience, **answers: str) -> list[str]:
    return [entry.actor for entry in responsible(pack, concern, audience, answers)]


def test_a_pupil_of_year_8_goes_to_kub_and_one_of_year_3_does_not(pack: Pack) -> None:
    assert actors(pack, "unentschuldigtes-fehlen", T, stufe="ab-7")[0] == "kub"
    assert actors(pack, "unentschuldigtes-fehlen", T, stufe="bis-6")[0] == "schulpsychologie"
    assert "kub" not in actors(pack, "unentschuldigtes-fehlen", T, stufe="bis-6")


@pytest.mark.parametrize(
    ("school", "authority"),
    [
        ("gymnasium-bk", "bezirksregierung-arnsberg"),
        ("real-gesamt-sekundar", "bezirksregierung-arnsberg"),
        ("grundschule", "schulamt"),
        ("hauptschule", "schulamt"),
        ("foerderschule", "schulamt"),
    ],
)
def test_the_school_form_decides_who_fines(pack: Pack, school: str, authority: str) -> None:
    assert actors(pack, "bussgeld", T, schulform=school)[0] == authority


def test_private_persons_are_never_sent_to_the_service_for_professionals(pack: Pack) -> None:
    for audience in (P, S):
        for entry in responsible(pack, "kindeswohl", audience, {}):
            actor = pack.actors[entry.actor]
            shown = [actor.name, actor.does.get(audience, ""), actor.first_step.get(audience, ""), entry.why]
            shown += [fact.value for kind in ("limit", "web", "caveat") for fact in actor.of_kind(kind, audience)]
            assert not any("Fachstelle" in text or "fachstelle" in text for text in shown), entry.actor


def test_the_medical_hotline_is_given_to_nobody_it_is_not_for(pack: Pack) -> None:
    for concern in pack.concerns:
        for audience in (T, P, S):
            assert "notruf-medizinische-kinderschutzhotline" not in actors(pack, concern, audience)


@pytest.mark.parametrize("audience", list(Audience))
def test_danger_begins_with_the_emergency_call(pack: Pack, audience: Audience) -> None:
    assert actors(pack, "akute-gefahr", audience)[0] == "notruf"
    assert not {"dortmund-u25", "notruf-krisenchat"} & set(actors(pack, "akute-gefahr", audience))


def test_not_knowing_excludes_nobody(pack: Pack) -> None:
    for concern in pack.concerns:
        for audience in Audience:
            everyone = actors(pack, concern, audience)
            assert actors(pack, concern, audience, stufe=UNSURE, schulform=UNSURE) == everyone
            assert everyone


def test_what_is_named_as_decisive_changes_the_result_when_it_is_removed(pack: Pack) -> None:
    for concern in pack.concerns:
        for audience in Audience:
            for stufe in ("bis-6", "ab-7"):
                for school in ("grundschule", "gymnasium-bk"):
                    answers = {"stufe": stufe, "schulform": school}
                    before = responsible(pack, concern, audience, answers)
                    named = decisive(pack, concern, audience, answers)
                    for question in answers:
                        rest = {key: value for key, value in answers.items() if key != question}
                        changes = responsible(pack, concern, audience, rest) != before or deciding(
                            pack, concern, audience, rest
                        )
                        assert bool(changes) == (question in named)


def test_force_is_named_only_after_a_fine_without_effect(pack: Pack) -> None:
    assert actors(pack, "bussgeld", T, schritt="bussgeld-ohne-wirkung")[0] == "ordnungsamt"
    assert "ordnungsamt" not in actors(pack, "bussgeld", T, schritt="gespraeche")
