"""Makes a message safe to read, and folds it so that different spellings of a word become the same.

clean() is what may be shown back to its writer; fold() is only for comparing.
"""

import re
import unicodedata

LIMIT = 2_000  # characters of a message that count; cut before any normalising, whose cost grows with the text

# Control, format (bidi, zero-width, soft hyphen, tags), surrogate, private use and noncharacters.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\uf8ff\ufe00-\ufe0f\ufeff\ufff0-\uffff"
    "\U000110bd\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_SPACES = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")
# Combining marks of the scripts we read: Latin, Cyrillic, Arabic, and those that go with any letter.
_MARK = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_RUN = re.compile(r"(.)\1+")
_UMLAUT = re.compile(r"([aou])e")
# What NFKD and stripping of marks does not unify. Eszett and its ascii "ss" meet once runs of a letter are shortened.
_SAME = str.maketrans({
    "ß": "s", "ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "a", "œ": "o", "þ": "t", "ð": "d",
    "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ـ": None, "ٱ": "ا", "ء": None,
    "ґ": "г", "’": None, "'": None, "ʼ": None, "`": None, "´": None, "‘": None,
})  # fmt: skip


def clean(text: str) -> str:
    """The first 2,000 characters of *text* in NFC, one space between words, without anything that cannot be seen.

    Any str is accepted, lone surrogates too. clean(clean(text)) == clean(text).
    """
    seen = _UNSEEN.sub("", text[:LIMIT])
    return _SPACES.sub(" ", unicodedata.normalize("NFC", seen))[:LIMIT].strip()


def fold(text: str) -> str:
    """*text* as it is compared: lower case, no marks, ä = ae = a, ß = ss = s, no doubled letters, digits as 0.

    Lines stay apart: fold() neither adds nor removes a line break. A space it may add, where a sign is made of one.
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = apart if apart.isascii() else _MARK.sub("", apart)
    return _RUN.sub(r"\1", _UMLAUT.sub(r"\1", _DIGIT.sub("0", bare.translate(_SAME))))
