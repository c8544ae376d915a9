"""Writes a fitted search to bytes and reads it back: plain arrays and text, nothing that could run."""

import io
import struct
import zipfile

import numpy as np

from knowledge.search.decision import Search
from knowledge.search.features import powers
from knowledge.search.meanings import Meanings
from knowledge.search.model import BITS, LONGEST_TEXT, Model
from knowledge.search.spelling import Spelling

NAMES = (
    "version", "concerns", "languages", "seen", "scale", "weights", "step", "bias",
    "hashes", "concepts", "words", "deletions", "owner",
)  # fmt: skip
VERSION = 2  # changes whenever features or weights change their meaning


def dump(search: Search) -> bytes:
    """The bytes of *search*, the same for the same fit. load() gives a search that ranks the same."""
    model = search.model
    blob = io.BytesIO()
    np.savez(
        blob,
        version=np.array([VERSION, BITS]),
        concerns=np.array(model.concerns),
        languages=np.array(model.languages),
        seen=np.flatnonzero(model.rows).astype(np.int32),
        scale=model.scale,
        weights=model.weights,
        step=model.step,
        bias=model.bias,
        hashes=model.meanings.hashes,
        concepts=model.meanings.concepts,
        words=np.frombuffer("\n".join(model.spelling.words).encode(), np.uint8),
        deletions=model.spelling.hashes,
        owner=model.spelling.owner,
    )
    return blob.getvalue()


def load(blob: bytes) -> Search:
    """The search that dump() wrote. Anything else is a ValueError."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as held:
            arrays = {name: held[name] for name in NAMES}
    except (ValueError, OSError, EOFError, KeyError, AttributeError, zipfile.BadZipFile, struct.error) as problem:
        raise ValueError(f"not a stored search: {problem}") from problem
    if arrays["version"].tolist() != [VERSION, BITS]:
        raise ValueError(f"not a stored search of version {[VERSION, BITS]}: {arrays['version'].tolist()}")
    rows = np.zeros(1 << BITS, np.int32)
    rows[arrays["seen"]] = np.arange(1, len(arrays["seen"]) + 1, dtype=np.int32)
    fitted = (arrays["scale"], arrays["weights"], arrays["step"], arrays["bias"])
    meanings = Meanings(arrays["hashes"], arrays["concepts"])
    concerns, languages = tuple(arrays["concerns"].tolist()), tuple(arrays["languages"].tolist())
    words = tuple(arrays["words"].tobytes().decode().split("\n")) if arrays["words"].size else ()
    spelling = Spelling(words, arrays["deletions"], arrays["owner"])
    return Search(Model(concerns, languages, rows, *fitted, powers(LONGEST_TEXT), meanings, spelling))
