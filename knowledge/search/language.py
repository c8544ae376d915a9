"""Decides the language of a message from the learnt scores, its script and the letters only one language has."""

import re
from collections.abc import Sequence

from knowledge.search.model import Floats

_SCRIPTS = (
    (re.compile("[\u0600-\u06ff\u0750-\u077f]"), frozenset({"ar"})),
    (re.compile("[\u0400-\u04ff]"), frozenset({"bg", "ru", "uk"})),
)
_LETTERS = (
    ("pl", re.compile("[łąęśćżźń]")), ("ro", re.compile("[ățșţ]")), ("ru", re.compile("[ыэё]")),
    ("tr", re.compile("[ğı]")), ("uk", re.compile("[іїєґ]")), ("de", re.compile("ß")),
)  # fmt: skip
OWN_LETTER = 2.0  # logits for a letter no other of the nine languages has: strong, but names travel
OTHER_SCRIPT = 20.0  # logits against a language of another script: whoever writes a word of Cyrillic reads it


def recognised(scores: Floats, languages: Sequence[str], written: Sequence[str]) -> str:
    """The most likely of *languages* for a message of *written* words; scores are logits in the same order."""
    text = " ".join(written).lower()
    logits = dict(zip(languages, scores.tolist(), strict=True))
    for script, users in _SCRIPTS:
        if script.search(text):
            logits = {lang: logit - OTHER_SCRIPT * (lang not in users) for lang, logit in logits.items()}
    for lang, letters in _LETTERS:
        if lang in logits and letters.search(text):
            logits[lang] += OWN_LETTER
    return max(logits, key=lambda lang: logits[lang])
