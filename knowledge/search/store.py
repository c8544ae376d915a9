"""Writes a fitted search to bytes and reads it back: plain arrays and text, nothing that could run."""

import io
import zipfile

import numpy as np

from knowledge.search.decision import Search
from knowledge.search.features import powers
from knowledge.search.meanings import Meanings
from knowledge.search.model import BITS, LONGEST_TEXT, Model

VERSION = 1  # changes whenever features or weights change their meaning


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
    )
    return blob.getvalue()


def load(blob: bytes) -> Search:
    """The search that dump() wrote. Anything else is a ValueError."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as held:
            if held["version"].tolist() != [VERSION, BITS]:
                raise ValueError(f"version {held['version'].tolist()} instead of {[VERSION, BITS]}")
            rows = np.zeros(1 << BITS, np.int32)
            seen = held["seen"]
            rows[seen] = np.arange(1, len(seen) + 1, dtype=np.int32)
            concerns, languages = tuple(held["concerns"].tolist()), tuple(held["languages"].tolist())
            arrays = (held["scale"], held["weights"], held["step"], held["bias"])
            meanings = Meanings(held["hashes"], held["concepts"])
            return Search(Model(concerns, languages, rows, *arrays, powers(LONGEST_TEXT), meanings))
    except (ValueError, OSError, EOFError, KeyError, IndexError, AttributeError, zipfile.BadZipFile) as problem:
        raise ValueError(f"not a stored search of this version: {problem}") from problem
