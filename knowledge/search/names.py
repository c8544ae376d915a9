"""Finds offices and schools by their name, misspelt or inside a sentence, among a dozen or 100,000.

The words of a message are matched to the vocabulary of all names (exactly, by spelling, by beginning, by parts and by
joining neighbours). The rarest matched words name the candidates; only these are scored.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from knowledge.search.clean import clean
from knowledge.search.spelling import Spelling
from knowledge.search.tokens import split

CANDIDATES = 2_000  # names scored a message; the rarest matched words choose them
ASKED = 40  # words of a message that may name something
JOINED = 0.9  # likeness of what is found by joining or parting words: less sure than a word as it stands
BEGINNINGS = 8  # longer vocabulary words a shortened word may stand for
_STREET = "strase"  # folded "straße", cut to "str" on both sides

Places = NDArray[np.int32]
Weights = NDArray[np.float32]
Found = tuple[str, float, tuple[str, ...]]
Match = tuple[float, tuple[int, ...]]  # likeness 0..1, and the words of the message that mean it


@dataclass(frozen=True, slots=True)
class Rows:
    """Lists of numbers of different lengths, one after the other: list i is items[ends[i]:ends[i + 1]]."""

    items: Places
    ends: NDArray[np.int64]

    def __getitem__(self, i: int) -> Places:
        return self.items[self.ends[i] : self.ends[i + 1]]

    def sizes(self) -> NDArray[np.int64]:
        """Length of each list."""
        return np.diff(self.ends)


@dataclass(frozen=True, slots=True)
class Asked:
    """A piece of a message: the word itself, or neighbours written together; whole tells which words it covers."""

    text: str
    whole: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Immutable index. A name is one row; an entry may have several names."""

    ids: tuple[str, ...]
    entry: Places  # name -> place in ids
    words: tuple[str, ...]  # vocabulary, sorted
    rarity: Weights  # word -> idf
    total: Weights  # name -> sum of the rarity of its words
    of_name: Rows  # name -> words
    of_word: Rows  # word -> names
    spelling: Spelling
    place: Mapping[str, int]

    @classmethod
    def build(cls, entries: Sequence[tuple[str, Sequence[str]]]) -> "Names":
        """Index of (id, names) pairs. Names without a letter or digit are left out."""
        entry: list[int] = []
        named: list[list[str]] = []
        for i, (_, names) in enumerate(entries):
            for name in names:
                if words := _name_words(name):
                    entry.append(i)
                    named.append(words)
        words = sorted({word for one in named for word in one})
        place = {word: i for i, word in enumerate(words)}
        of_name = _rows([[place[word] for word in one] for one in named])
        of_word = _turned(of_name, len(words))
        rarity = np.log1p(len(named) / np.maximum(1, of_word.sizes())).astype(np.float32)
        total = _sums(rarity[of_name.items], of_name.ends)
        ids = tuple(key for key, _ in entries)
        return cls(
            ids, np.array(entry, np.int32), tuple(words), rarity, total, of_name, of_word, Spelling.build(words), place
        )

    def find(self, text: str, limit: int = 3) -> list[Found]:
        """At most *limit* entries named in *text*: id, score 0..1 and the words that named it; best first, ties by id.

        1 means that every rare word of a name is there and nothing else was understood as part of a name.
        """
        message = split(clean(text))
        heard = [_street(word) for word in message.folded[:ASKED]]
        if not heard or not self.words:
            return []
        matches = self._matches(heard)
        if not matches:
            return []
        likeness = np.zeros(len(self.words), np.float32)
        for word, (like, _) in matches.items():
            likeness[word] = like
        names = self._candidates(matches)
        score = self._scores(names, likeness, self._understood(matches))
        return self._best(names, score, limit, matches, message.written)

    def _matches(self, heard: Sequence[str]) -> dict[int, Match]:
        """Vocabulary words meant by the message: likeness 0..1, and which words of the message mean them."""
        asked = [Asked(word, (i,)) for i, word in enumerate(heard)]
        asked += [Asked(heard[i] + heard[i + 1], (i, i + 1)) for i in range(len(heard) - 1)]
        asked += [Asked("".join(heard[i : i + 3]), (i, i + 1, i + 2)) for i in range(len(heard) - 2)]
        best: dict[int, Match] = {}
        known: set[int] = set()
        for piece in asked:
            exact = self.place.get(piece.text)
            if exact is not None:
                _keep(best, exact, 1.0, piece.whole)
                known.update(piece.whole)
        unknown = [piece for piece in asked if len(piece.text) > 3 and not known.issuperset(piece.whole)]
        for piece in unknown:
            for word, like in self._within(piece.text) if len(piece.whole) == 1 else ():
                _keep(best, word, like, piece.whole)
        for piece, near in zip(unknown, self.spelling.near([piece.text for piece in unknown]), strict=True):
            for word, like in near:
                _keep(best, word, like * (1.0 if len(piece.whole) == 1 else JOINED), piece.whole)
        return best

    def _within(self, heard: str) -> Iterable[tuple[int, float]]:
        """Vocabulary words that begin with *heard*, if they are few, and the two it is written together from."""
        first = bisect_left(self.words, heard)
        last = bisect_left(self.words, heard + "\U0010ffff", first)
        if last - first <= BEGINNINGS:
            yield from ((i, 0.5 + 0.5 * len(heard) / len(self.words[i])) for i in range(first, last))
        for cut in range(len(heard) - 3, 2, -1):
            front, back = self.place.get(heard[:cut]), self.place.get(heard[cut:])
            if front is not None and back is not None:
                yield from ((front, JOINED), (back, JOINED))
                return

    def _candidates(self, matches: Mapping[int, Match]) -> Places:
        """Names that hold the rarest matched words."""
        worth = sorted(matches, key=lambda word: (-float(self.rarity[word]) * matches[word][0], word))
        lists: list[Places] = []
        size = 0
        for word in worth:
            names = self.of_word[word]
            if lists and size + len(names) > CANDIDATES:
                continue
            lists.append(names)
            size += len(names)
        return np.unique(np.concatenate(lists))

    def _understood(self, matches: Mapping[int, Match]) -> float:
        """How much of the message can be part of a name: for each word of it the rarity of what it means best."""
        worth: dict[int, float] = {}
        for word, (like, whole) in sorted(matches.items(), key=lambda match: (-match[1][0], match[0])):
            for i in whole:
                worth.setdefault(i, float(self.rarity[word]) * like / len(whole))
        return sum(worth.values())

    def _scores(self, names: Places, likeness: Weights, understood: float) -> Weights:
        """Twice the shared rarity by the rarity of the name and of the message (Dice)."""
        starts, ends = self.of_name.ends[names], self.of_name.ends[names + 1]
        sizes = ends - starts
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        items = self.of_name.items[np.arange(bounds[-1]) + np.repeat(starts - bounds[:-1], sizes)]
        shared = _sums(self.rarity[items] * likeness[items], bounds)
        score: Weights = np.minimum(1.0, 2.0 * shared / (self.total[names] + understood))
        return score

    def _best(
        self,
        names: Places,
        score: Weights,
        limit: int,
        matches: Mapping[int, Match],
        written: Sequence[str],
    ) -> list[Found]:
        keep = min(len(names), 8 * limit)
        edge = np.partition(score, -keep)[-keep]
        chosen = np.flatnonzero(score >= edge)[: 64 * limit]
        ranked = sorted(chosen.tolist(), key=lambda i: (-float(score[i]), self.ids[self.entry[names[i]]], i))
        found: dict[str, Found] = {}
        for i in ranked:
            key = self.ids[self.entry[names[i]]]
            if key not in found and score[i] > 0:
                heard = {at for word in self.of_name[names[i]].tolist() if word in matches for at in matches[word][1]}
                found[key] = (key, round(float(score[i]), 4), tuple(written[at] for at in sorted(heard)))
            if len(found) == limit:
                break
        return list(found.values())


def _keep(best: dict[int, Match], word: int, like: float, whole: tuple[int, ...]) -> None:
    if like > best.get(word, (0.0, ()))[0]:
        best[word] = (like, whole)


def _name_words(name: str) -> list[str]:
    """The distinct folded words of a name."""
    return list(dict.fromkeys(_street(word) for word in split(clean(name)).folded))


def _street(word: str) -> str:
    return word[:-3] if word.endswith(_STREET) else word


def _rows(lists: Sequence[Sequence[int]]) -> Rows:
    items = np.fromiter((item for one in lists for item in one), np.int32)
    return Rows(items, np.array([0, *accumulate(len(one) for one in lists)], np.int64))


def _turned(rows: Rows, count: int) -> Rows:
    """For each of *count* items the lists that hold it, in order."""
    order = np.argsort(rows.items, kind="stable")
    owner = np.repeat(np.arange(len(rows.ends) - 1, dtype=np.int32), rows.sizes())
    return Rows(owner[order], np.searchsorted(rows.items[order], np.arange(count + 1)))


def _sums(values: Weights, ends: NDArray[np.int64]) -> Weights:
    """Sum of each list; an empty list sums to zero."""
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return np.asarray(sums[ends[1:]] - sums[ends[:-1]], np.float32)
