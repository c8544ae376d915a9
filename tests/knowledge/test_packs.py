"""The shipped packs: complete, proven, and free of what must not be in them."""

from knowledge.base import Knowledge
from knowledge.flow import paths
from knowledge.folders import SHIPPED
from knowledge.load import examine
from knowledge.model import Audience, Pack

CONCERNS = (
    "unentschuldigtes-fehlen schulangst schulmuedigkeit zurueckhalten psychische-belastung akute-gefahr kindeswohl "
    "mobbing gewalt-straftat jugendgericht bussgeld schulpflicht-recht attest koerperliche-beschwerden "
    "lernen-diagnostik familie-erziehung hilfe-vom-jugendamt schulsozialarbeit bildung-teilhabe schulwechsel "
    "uebergang-beruf schulersatz fallberatung praevention-fortbildung formulare netzwerk sucht-medien "
    "ankommen-sprache beschwerde inklusion projektfoerderung sonstiges"
).split()
ACTORS = (
    "schulpsychologie kub schulamt bezirksregierung-arnsberg schulformsprecher notruf eigene-schule kjp-klinik "
    "koordinierungsstelle-schulsozialarbeit dienstleistungszentrum-bildung gesundheitsdienst-kinder-jugendliche "
    "kinderschutz psychologische-beratungsstellen jugendberatungsstellen jugendhilfedienst jugendberufshilfe "
    "jugendberufshaus kinderaerzte beratungsnetzwerk-uebergang jugendgerichtshilfe rechtsamt ordnungsamt "
    "polizei-kriminalpraevention kjp-niedergelassen traeger-schulersatz lokale-projekte netzwerk-koordination"
).split()
PHONES = {
    "kub": "0231 5010017",
    "kinderschutz": "0231 50-12345",
    "kjp-klinik": "0231 91301-90",
    "dienstleistungszentrum-bildung": "0231 50-10747",
    "dortmund-kinderschutz-zentrum": "0231 206458-0",
    "notruf-112": "112",
    "notruf-110": "110",
    "notruf-116111": "116 111",
    "notruf-116117": "116 117",
    "notruf-telefonseelsorge": "0800 1110111",
    "notruf-elterntelefon": "0800 1110550",
    "notruf-hilfetelefon-missbrauch": "0800 2255530",
    "notruf-hilfetelefon-gewalt-frauen": "116 016",
}


def test_the_shipped_packs_have_no_problem_and_no_warning() -> None:
    assert [str(problem) for problem in examine([SHIPPED]).problems] == []


def test_every_concern_and_actor_of_the_contract_is_there(pack: Pack) -> None:
    assert set(pack.concerns) == set(CONCERNS)
    assert set(ACTORS) <= set(pack.actors)


def test_the_numbers_are_the_ones_on_file(pack: Pack) -> None:
    for actor, number in PHONES.items():
        assert number in [fact.value for fact in pack.actors[actor].of_kind("phone")]


def test_every_actor_is_reached_within_eight_questions(pack: Pack) -> None:
    """By the menu: audience, all concerns, concern, at most the deciding questions, then the card and plan B."""
    named = {entry.actor for lists in pack.referrals.values() for entries in lists.values() for entry in entries}

    assert set(ACTORS) <= named
    assert max(len(steps) for flow in pack.flows.values() for steps, _ in paths(flow)) <= 8


def test_every_concern_is_reached_by_a_flow_or_by_the_list(pack: Pack) -> None:
    for concern in pack.concerns:
        assert all(pack.referrals[concern][audience] for audience in Audience)


def test_people_and_outdated_addresses_are_never_shown(pack: Pack) -> None:
    for actor in pack.actors.values():
        assert not actor.of_kind("person")
        for kind in ("phone", "email", "web", "address", "hours", "limit", "caveat"):
            for fact in actor.of_kind(kind):
                assert "Ammann" not in fact.value
                assert kind != "address" or "Ostwall" not in fact.value


def test_english_is_complete(knowledge: Knowledge) -> None:
    german, english = knowledge.pack("dortmund", "de"), knowledge.pack("dortmund", "en")
    for key, concern in german.concerns.items():
        assert english.concerns[key].label != concern.label or concern.label.isascii()
        assert english.concerns[key].plain != concern.plain
    for key, flow in german.flows.items():
        assert english.flows[key].title != flow.title
        for node_id, node in flow.nodes.items():
            assert english.flows[key].nodes[node_id] != node


def test_every_number_in_a_translation_stands_in_the_german(knowledge: Knowledge) -> None:
    def numbers(flow_text: str) -> set[str]:
        return {
            word
            for word in flow_text.replace(".", " ").replace(",", " ").split()
            if any(char.isdigit() for char in word)
        }

    german = knowledge.pack("dortmund", "de")
    for language in knowledge.languages:
        for key, flow in knowledge.pack("dortmund", language).flows.items():
            for node_id, node in flow.nodes.items():
                original = german.flows[key].nodes[node_id]
                if hasattr(node, "advice") and hasattr(original, "advice"):
                    phones = {
                        word for word in numbers(node.advice.sie) if word.strip("()") in {"112", "110", "116", "117"}
                    }
                    assert {word.strip("()") for word in phones} <= {
                        word.strip("():;") for word in numbers(original.advice.sie)
                    }
