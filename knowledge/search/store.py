"""A fitted search as bytes, for a cache: a line of JSON, then plain arrays, nothing that could run.

The arrays are not copied when they are read. Bytes that lie in a file and are mapped into memory stay there: only what
messages ask for becomes resident, and all processes that map the file share it.
"""

import json
from collections.abc import Iterator, Mapping
from math import prod
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.search.decision import Search
from knowledge.search.features import powers
from knowledge.search.meanings import Meanings
from knowledge.search.model import BITS, LONGEST_TEXT, Model
from knowledge.search.spelling import Spelling

TYPES = {
    "rows": "<i4", "scale": "<f4", "weights": "<i1", "step": "<f4", "bias": "<f4",
    "hashes": "<u8", "concepts": "<u2", "deletions": "<u8", "owner": "<i4",
}  # fmt: skip
VERSION = 3  # changes whenever features or weights change their meaning
ALIGNED = 64  # bytes; every array begins at a multiple of it, as processors like it


def dump(search: Search) -> bytes:
    """The bytes of *search*, the same for the same fit. load() gives a search that ranks the same."""
    model = search.model
    arrays: Mapping[str, NDArray[Any]] = {
        "rows": model.rows,
        "scale": model.scale,
        "weights": model.weights,
        "step": model.step,
        "bias": model.bias,
        "hashes": model.meanings.hashes,
        "concepts": model.meanings.concepts,
        "deletions": model.spelling.hashes,
        "owner": model.spelling.owner,
    }
    head = {
        "version": [VERSION, BITS],
        "concerns": model.concerns,
        "languages": model.languages,
        "words": model.spelling.words,
        "shapes": {name: arrays[name].shape for name in TYPES},
    }
    blob = bytearray(json.dumps(head).encode() + b"\n")
    for name, kind in TYPES.items():
        blob += bytes(-len(blob) % ALIGNED)
        blob += arrays[name].astype(kind, copy=False).tobytes()
    return bytes(blob)


def load(blob: bytes | mmap) -> Search:
    """The search that dump() wrote, whose arrays lie in *blob*. Anything else is a ValueError."""
    try:
        start = blob.find(b"\n") + 1
        head = json.loads(blob[:start])
        if head["version"] != [VERSION, BITS]:
            raise ValueError(f"version {head['version']} instead of {[VERSION, BITS]}")
        arrays = dict(_arrays(blob, start, head["shapes"]))
        concerns, languages, words = (tuple(head[name]) for name in ("concerns", "languages", "words"))
    except (ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"not a stored search: {problem}") from problem
    fitted = (arrays["scale"], arrays["weights"], arrays["step"], arrays["bias"])
    meanings = Meanings(arrays["hashes"], arrays["concepts"])
    spelling = Spelling(words, arrays["deletions"], arrays["owner"])
    return Search(Model(concerns, languages, arrays["rows"], *fitted, powers(LONGEST_TEXT), meanings, spelling))


def _arrays(blob: bytes | mmap, start: int, shapes: Mapping[str, list[int]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Each array by its name; they follow each other from *start* on."""
    for name, kind in TYPES.items():
        start += -start % ALIGNED
        array = np.frombuffer(blob, kind, prod(shapes[name]), start).reshape(shapes[name])
        yield name, array
        start += array.nbytes
