"""Features: what is found in a message, and in what is left of it."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.search.features import extract, powers, shortened
from knowledge.search.meanings import packaged

MEANINGS = packaged()
POWERS = powers(10_000)
WORDS = st.sampled_from(["angst", "schule", "klasenarbeit", "a", "штраф", "مدرسه", "😀", "0", "x" * 60]) | st.text(
    st.characters(exclude_characters=" "), min_size=1, max_size=6
)


MESSAGES = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.lists(WORDS, min_size=size, max_size=size),
        st.lists(st.lists(st.booleans(), min_size=size, max_size=size), min_size=1, max_size=4),
    )
)


@given(message=MESSAGES)
@example(message=(["angst", "schule"], [[True, True], [False, True], [False, False]]))
@settings(max_examples=200, deadline=None)
def test_a_shortened_message_has_the_features_of_the_words_that_are_left(
    message: tuple[list[str], list[list[bool]]],
) -> None:
    words, kept = message
    forms = [[word for word, stays in zip(words, row, strict=True) if stays] for row in kept]
    short, anew = shortened(extract([words], POWERS, MEANINGS), np.array(kept)), extract(forms, POWERS, MEANINGS)
    assert short.count == anew.count == len(forms)
    for form in range(len(forms)):
        assert sorted(short.hashes[short.doc == form].tolist()) == sorted(anew.hashes[anew.doc == form].tolist())
