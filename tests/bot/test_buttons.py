"""Buttons: only our own, in their own chat, from the same knowledge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import LIMIT, PROOF, STALE, Buttons

BUTTONS = Buttons(b"k" * 32, lambda: ("v1",))


@given(chat=st.text(max_size=20), value=st.text(min_size=1, max_size=12))
def test_what_was_signed_opens_and_fits(chat: str, value: str) -> None:
    try:
        data = BUTTONS.signed(chat, value)
    except UnicodeEncodeError:
        return
    assert BUTTONS.opened(chat, data) == value
    assert len(data.encode()) <= LIMIT


@given(chat=st.text(max_size=5), data=st.text(max_size=80))
def test_anything_else_is_an_old_button(chat: str, data: str) -> None:
    assert BUTTONS.opened(chat, data) == STALE


def test_another_chat_key_or_version_makes_a_button_old() -> None:
    data = BUTTONS.signed("42", "k/kub")

    assert BUTTONS.opened("43", data) == STALE
    assert Buttons(b"x" * 32, lambda: ("v1",)).opened("42", data) == STALE
    assert Buttons(b"k" * 32, lambda: ("v2",)).opened("42", data) == STALE
    assert BUTTONS.opened("42", data.replace("kub", "kuB")) == STALE


def test_a_value_that_is_too_long_is_refused() -> None:
    assert BUTTONS.signed("42", "x" * (LIMIT - PROOF))
    with pytest.raises(ValueError, match="at most 52 fit"):
        BUTTONS.signed("42", "x" * (LIMIT - PROOF + 1))
