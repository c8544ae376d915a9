"""From pack folders to Knowledge: every problem of every file in one run, or something the bot can be built on."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge import cues, districts, schools, search, words
from knowledge.answers import prepare
from knowledge.base import Knowledge
from knowledge.cache import Cache, digest
from knowledge.check import check
from knowledge.check.examples import check_examples, gather
from knowledge.danger import Gate
from knowledge.danger.late import LateGate
from knowledge.districts import DISTRICT
from knowledge.folders import SHIPPED, Folder, chain, folders
from knowledge.model import Audience, Pack, Question, Wording
from knowledge.resolve import Resolver
from knowledge.schema import typed
from knowledge.search import Search
from knowledge.search.names import Names
from knowledge.source import Document, Problem
from knowledge.texts import Texts
from knowledge.translate import Translation, entries
from knowledge.words import Words

WHO: tuple[Audience | None, ...] = (None, *Audience)


class PackError(Exception):
    """The packs cannot be used; *problems* says everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Examined:
    """The outcome of reading packs: the packs that could be resolved, and all problems and warnings."""

    folders: Mapping[str, Folder]
    packs: Mapping[tuple[str, str], Pack]
    texts: Mapping[str, Texts]
    problems: tuple[Problem, ...]
    search: Search | None = None  # where the example messages were read, too

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def german(self) -> dict[str, Pack]:
        """Region → its pack as it was written."""
        return {region: pack for (region, language), pack in self.packs.items() if language == "de"}


class Packs(Mapping[tuple[str, str], Pack]):
    """(region, language) → pack; a translation is made when it is first asked for."""

    def __init__(self, german: Mapping[str, Pack], found: Mapping[str, Folder], languages: Sequence[str]) -> None:
        self._found = {name: replace(folder, documents=_translations(folder)) for name, folder in found.items()}
        self._keys = [(region, language) for region in german for language in languages]
        self._made = {(region, "de"): pack for region, pack in german.items()}

    def __getitem__(self, key: tuple[str, str]) -> Pack:
        if key not in self._made:
            if key not in self._keys:
                raise KeyError(key)
            region, language = key
            line, _ = chain(self._found, region)
            self._made[key] = Translation(self._made[region, "de"], entries(line, language), language).translated()
        return self._made[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _translations(folder: Folder) -> dict[str, Document]:
    """The documents of *folder* that are still needed when its German is resolved; all others can go."""
    return {name: document for name, document in folder.documents.items() if name.startswith("i18n/")}


def load(roots: Iterable[Path] = (), *, cache: Path | None = None) -> Knowledge:
    """The shipped packs and those below *roots*. PackError lists all problems. *cache* keeps what was read."""
    every = (SHIPPED, *roots)
    kept = _cache(every, cache)
    known = kept.folders()
    found = known or _read(every)
    german = {region: Resolver(line).pack() for region, line in _regions(found)}
    learned = kept.through("learned.txt", lambda: _learned(every, german), str.encode, lambda raw: raw[:].decode())
    fit = Cache(cache, learned).through("search.bin", lambda: fitted(every, german), search.dump, search.load)
    if known is None:
        kept.keep_folders(found)  # last of all: who finds them finds everything
    return assembled(found, german, fit, version=kept.version[:12], learned=learned)


def loaded_before(roots: Iterable[Path], cache: Path) -> bool:
    """Whether load() finds everything in *cache*, so that nothing has to be read anew or fitted."""
    return _cache((SHIPPED, *roots), cache).has_folders()


def _cache(roots: Iterable[Path], cache: Path | None) -> Cache:
    return Cache(cache, digest(path for path in roots if path.is_dir()))


def _read(roots: Iterable[Path]) -> dict[str, Folder]:
    examined = examine(roots, thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    return dict(examined.folders)


def assembled(
    found: Mapping[str, Folder], german: Mapping[str, Pack], fitted_search: Search, *, version: str, learned: str = ""
) -> Knowledge:
    """Knowledge from packs without errors: *german* are the regions of *found*. *learned*: see Knowledge."""
    texts, _ = _texts(found)
    languages = tuple(sorted(texts, key=lambda code: (code != "de", code)))
    spoken, _ = _words(found)
    names = {word for pack in german.values() for word in cues.words(pack.name)}
    return Knowledge(
        version=version,
        learned=learned,
        regions=ordered(german),
        languages=languages,
        packs=Packs(german, found, languages),
        texts=texts,
        words=spoken.spoken,
        joints=spoken.joints,
        contact_words=spoken.contact | names,
        answers={region: prepare(pack.answers) for region, pack in german.items()},
        cues={(region, who): cues.prepare(_asked(pack, who)) for region, pack in german.items() for who in WHO},
        search=fitted_search,
        names={region: _names(pack) for region, pack in german.items()},
        places=_places(german),
        gate=LateGate(_danger(found)),
    )


def ordered(packs: Mapping[str, Pack]) -> tuple[str, ...]:
    """The regions of *packs* in the order in which they are offered: the first is taken where none was named."""
    return tuple(sorted(packs, key=lambda region: (packs[region].place, region)))


def _asked(pack: Pack, audience: Audience | None) -> list[Question]:
    """Every question that a message may answer unasked: the shared ones and those of this audience's flows."""
    found = dict(pack.questions)
    for flow in pack.flows.values():
        for node in flow.nodes.values():
            if audience in flow.audiences and isinstance(node, Question):
                found.setdefault(node.id, node)
    if pack.districts:
        silent = Wording("", "")  # only the cues count here
        found[DISTRICT] = districts.question(pack.districts, text=silent, why=silent, unsure=silent)
    return list(found.values())


def _places(german: Mapping[str, Pack]) -> dict[tuple[str, str], Names]:
    """The names that answer a question, for the regions that know any."""
    found = {(region, schools.SCHOOL): schools.index(pack.schools) for region, pack in german.items() if pack.schools}
    parts = {(region, DISTRICT): districts.index(pack.districts) for region, pack in german.items() if pack.districts}
    return found | parts


def _regions(found: Mapping[str, Folder]) -> Iterator[tuple[str, list[Folder]]]:
    """The packs that no other extends, each with its chain of parents."""
    parents = {folder.pack.extends for folder in found.values()}
    for region in found:
        line, _ = chain(found, region)
        if line and region not in parents:
            yield region, line


def examine(roots: Iterable[Path], *, thorough: bool = True) -> Examined:
    """Read, resolve, translate and check every pack below *roots*. Not *thorough*: only what use depends on."""
    return examine_folders(*folders(roots), thorough=thorough)


def examine_folders(found: Mapping[str, Folder], before: Sequence[Problem] = (), *, thorough: bool = True) -> Examined:
    """Like examine(), for folders that are read already, with the problems of reading them."""
    problems = list(before)
    packs: dict[tuple[str, str], Pack] = {}
    texts, more = _texts(found)
    problems += more
    parents = {folder.pack.extends for folder in found.values()}
    for region in found:
        line, more = chain(found, region)
        problems += more
        if not line or region in parents:
            continue
        resolver = Resolver(line)
        pack = resolver.pack()
        problems += resolver.problems
        if resolver.problems:
            continue
        problems += check(pack, resolver.places, thorough=thorough)
        packs[region, "de"] = pack
        for language in texts:
            if language != "de":
                translation = Translation(pack, entries(line, language), language)
                packs[region, language] = translation.translated()
                problems += translation.problems
    problems += _danger_problems(found)
    problems += _words(found)[1]
    unique = dict.fromkeys(problems)
    return Examined(found, packs, texts, tuple(sorted(unique)))


def with_examples(roots: Sequence[Path], before: Examined | None = None) -> Examined:
    """Like examine(), and the example messages too, for which the search has to be fitted anew."""
    examined = before or examine(roots)
    german = examined.german
    if not german or not gather(roots)[0]:
        return examined
    found = fitted(roots, german)
    concerns = sorted({concern for pack in german.values() for concern in pack.concerns})
    problems = check_examples(roots, found, concerns)
    return replace(examined, problems=tuple(sorted({*examined.problems, *problems})), search=found)


def fitted(roots: Sequence[Path], packs: Mapping[str, Pack]) -> Search:
    """The search over the examples and key terms of all packs together."""
    from knowledge.search.learn import fit  # noqa: PLC0415 - what is kept in the cache needs no learning

    return fit(*lessons(roots, packs))


def _learned(roots: Sequence[Path], packs: Mapping[str, Pack]) -> str:
    """A hash of all that the search learns from: another phone number needs no other search."""
    return sha256(repr(lessons(roots, packs)).encode()).hexdigest()


def lessons(
    roots: Sequence[Path], packs: Mapping[str, Pack]
) -> tuple[dict[str, dict[str, list[str]]], dict[str, list[str]]]:
    """All that the search learns from: the examples, and the key terms of each concern."""
    terms: dict[str, list[str]] = {}
    for pack in packs.values():
        for concern in pack.concerns.values():
            terms.setdefault(concern.id, []).extend([concern.label, *concern.synonyms])
        for answer in pack.answers:
            terms.setdefault(answer.concern, []).extend([answer.question, *answer.phrases])
    return examples(roots), {concern: list(dict.fromkeys(words)) for concern, words in terms.items()}


def examples(roots: Iterable[Path]) -> dict[str, dict[str, list[str]]]:
    """Language → concern → messages, of all packs together; German first, as the language of all key terms."""
    found: dict[str, dict[str, list[str]]] = {"de": {}}
    for message in gather(tuple(roots))[0]:
        found.setdefault(message.language, {}).setdefault(message.concern, []).append(message.text)
    return found


def _texts(found: Mapping[str, Folder]) -> tuple[dict[str, Texts], list[Problem]]:
    texts: dict[str, Texts] = {}
    problems: list[Problem] = []
    for folder in found.values():
        for language, document in folder.within("texts").items():
            value, more = typed(Texts, document.tree, document)
            problems += more
            if value is not None:
                texts[language] = value
    german = texts["de"].holes() if "de" in texts else {}
    for folder in found.values():
        for language, document in folder.within("texts").items():
            holes = texts[language].holes() if language in texts else {}
            for name, forms in holes.items():
                expected = german.get(name, forms)[0]
                if forms != (expected, expected):
                    line = document.line((name,))
                    problems.append(
                        Problem(
                            document.file, line, f"{name} must use the placeholders {sorted(expected)} in every form"
                        )
                    )
    return texts, problems


def _words(found: Mapping[str, Folder]) -> tuple[Words, list[Problem]]:
    return words.read(folder.documents["words.yaml"] for folder in found.values() if "words.yaml" in folder.documents)


def _names(pack: Pack) -> Names:
    return Names.build([(actor.id, (actor.name, actor.short, *actor.aliases)) for actor in pack.actors.values()])


def _danger_problems(found: Mapping[str, Folder]) -> list[Problem]:
    """A rule of the danger gate that cannot be read, at the line of its id."""
    problems: list[Problem] = []
    for folder in found.values():
        for language, document in folder.within("danger").items():
            try:
                Gate({language: document.tree})
            except ValueError as error:
                rule = re.search(r": ([a-z0-9-]+): ", f"{error}: ")
                where = [path for path in document.lines if rule and path[-1:] == ("id",)]
                line = next((document.lines[path] for path in where if rule and _at(document.tree, path) == rule[1]), 1)
                problems.append(Problem(document.file, line, str(error)))
    return problems


def _at(tree: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        tree = tree[part]
    return tree


def _danger(found: Mapping[str, Folder]) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for folder in found.values():
        rules.update({language: document.tree for language, document in folder.within("danger").items()})
    return rules
