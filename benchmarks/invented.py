"""Makes a large directory of invented schools and offices, and messages that name them. Deterministic."""

from dataclasses import dataclass
from random import Random

_KINDS = [
    "Grundschule",
    "Gesamtschule",
    "Realschule",
    "Hauptschule",
    "Gymnasium",
    "Sekundarschule",
    "Berufskolleg",
    "Förderschule",
    "Jugendtreff",
    "Familienzentrum",
    "Erziehungsberatung",
    "Schulsozialarbeit",
    "Jugendhilfedienst",
    "Kindertagesstätte",
    "Beratungsstelle",
]
_FIRST = [
    "Anna",
    "Anne",
    "Astrid",
    "August",
    "Bertha",
    "Carl",
    "Clara",
    "Dietrich",
    "Edith",
    "Elisabeth",
    "Ernst",
    "Erich",
    "Friedrich",
    "Geschwister",
    "Gustav",
    "Hannah",
    "Heinrich",
    "Helene",
    "Ida",
    "Johann",
    "Joseph",
    "Käthe",
    "Konrad",
    "Ludwig",
    "Luise",
    "Maria",
    "Martin",
    "Max",
    "Mildred",
    "Nelly",
    "Otto",
    "Paul",
    "Rosa",
    "Sophie",
    "Theodor",
    "Ursula",
    "Wilhelm",
    "Werner",
]
_START = [
    "Acker",
    "Alten",
    "Birken",
    "Brunnen",
    "Buchen",
    "Burg",
    "Eichen",
    "Erlen",
    "Falken",
    "Feld",
    "Frieden",
    "Garten",
    "Glocken",
    "Grün",
    "Hagen",
    "Hasel",
    "Heide",
    "Hirsch",
    "Hohen",
    "Kaiser",
    "Kirch",
    "König",
    "Linden",
    "Lilien",
    "Mühlen",
    "Neuen",
    "Ost",
    "Quellen",
    "Reb",
    "Rosen",
    "Sand",
    "Schloss",
    "Sonnen",
    "Stein",
    "Tannen",
    "Tal",
    "Ulmen",
    "Vogel",
    "Wald",
    "Weiden",
    "Wiesen",
    "Winter",
    "Wolfs",
    "Zech",
    "Zoll",
]
_END = [
    "au",
    "bach",
    "berg",
    "brink",
    "bruch",
    "burg",
    "dorf",
    "feld",
    "fels",
    "furt",
    "garten",
    "grund",
    "hain",
    "heim",
    "hof",
    "holz",
    "horst",
    "hut",
    "kamp",
    "rode",
    "scheid",
    "see",
    "stadt",
    "stein",
    "tal",
    "thal",
    "wald",
    "wang",
    "weiler",
    "werth",
    "winkel",
]
_FRAMES = (
    "{}", "telefon {}", "Nummer vom {}", "wo ist {}?", "Wie erreiche ich {}", "wer ist ansprechpartner bei {}",
    "mein Sohn geht auf {} und ich brauche die Adresse", "hallo, können sie mir bitte die mail von {} geben",
    "öffnungszeiten {} heute", "ich suche {} bitte schnell", "hat {} montags auf?", "kann man bei {} vorbeikommen",
)  # fmt: skip
_KEYS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Query:
    """A message, the entry it names, and whether it is misspelt or a sentence."""

    text: str
    wanted: str
    misspelt: bool
    sentence: bool


def directory(size: int) -> list[tuple[str, tuple[str, ...]]]:
    """*size* entries with distinct names such as "Lindenhof-Grundschule Wiesental"."""
    chance = Random(7)  # any seed: the same directory every run
    entries: dict[str, str] = {}
    while len(entries) < size:
        place = chance.choice(_START) + chance.choice(_END)
        person = f"{chance.choice(_FIRST)}-{chance.choice(_START)}{chance.choice(_END)}"
        kind = chance.choice(_KINDS)
        street = f"{chance.choice(_START)}{chance.choice(_END)}"
        form = chance.choice(("{person}-{kind} {place}", "{kind} {street}straße {place}", "{kind} am {street} {place}",
                              "{kind} an der {street}str. {place}", "{street}{low} {place}"))  # fmt: skip
        name = form.format(person=person, kind=kind, place=place, street=street, low=kind.lower())
        entries.setdefault(name, f"e{len(entries):06d}")
    return [(key, (name,)) for name, key in entries.items()]


def queries(entries: list[tuple[str, tuple[str, ...]]], count: int) -> list[Query]:
    """*count* messages of each kind: as it stands, misspelt, in a sentence, misspelt in a sentence."""
    chance = Random(11)
    made: list[Query] = []
    for _ in range(count):
        key, (name,) = chance.choice(entries)
        typed = misspell(name, chance)
        frame = chance.choice(_FRAMES[1:])
        made += [Query(name, key, False, False), Query(typed, key, True, False)]
        made += [Query(frame.format(name), key, False, True), Query(frame.format(typed), key, True, True)]
    return made


def misspell(name: str, chance: Random) -> str:
    """*name* typed in a hurry: one or two slips in its words, umlauts and capitals lost."""
    words = name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss").split()
    long = [i for i, word in enumerate(words) if len(word) > 4]
    for i in chance.sample(long, min(len(long), chance.choice((1, 2)))):
        words[i] = _slip(words[i], chance)
    return " ".join(words)


def _slip(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    match chance.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + chance.choice(_KEYS) + word[at:]
        case 2:
            return word[:at] + chance.choice(_KEYS) + word[at + 1 :]
        case _:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
