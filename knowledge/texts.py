"""Every sentence the bot says itself, one field each; one YAML file per language fills them all.

A missing or surplus key fails at load. `{name}` marks a placeholder; it must occur in every language alike.
"""

import string
from dataclasses import dataclass, fields

from knowledge.model import Strict, Text, Wording

LEFT_TO_RIGHT = Wording("ltr", "ltr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Strict):
    """The wording of one language. Buttons end in _button and stay ≤ 40 characters."""

    language_name: Text
    direction: Text = LEFT_TO_RIGHT  # rtl for Arabic: numbers then need marks to keep their order
    # first contact
    greeting: Text
    privacy_short: Text
    examples: Text
    danger_hint: Text
    ask_audience: Text
    teacher_button: Text
    parent_button: Text
    student_button: Text
    coordinator_button: Text
    ask_region: Text
    menu: Text
    menu_of_buttons: Text
    all_concerns: Text
    all_concerns_button: Text
    # understanding
    understood: Text
    assumed: Text
    did_you_mean: Text
    two_concerns: Text
    none_of_these_button: Text
    switch: Text
    switch_button: Text
    stay_button: Text
    vague: Text
    not_understood: Text
    not_understood_again: Text
    out_of_scope: Text
    stale: Text
    deciding: Text
    other_language: Text
    # moving about
    back_button: Text
    restart_button: Text
    continue_button: Text
    help_button: Text
    why_button: Text
    review_button: Text
    human_button: Text
    guide_button: Text
    nothing_before: Text
    review: Text
    review_empty: Text
    change_button: Text
    help: Text
    privacy: Text
    human: Text
    forgotten: Text
    stopped: Text
    ask_language: Text
    language_changed: Text
    # the card
    card_phone: Text
    card_email: Text
    card_web: Text
    card_address: Text
    card_hours: Text
    card_cost: Text
    card_language: Text
    card_confidentiality: Text
    card_limit: Text
    card_caveat: Text
    card_does: Text
    card_step: Text
    card_ready: Text
    card_why: Text
    card_why_words: Text
    card_why_answers: Text
    card_source: Text
    card_as_of: Text
    card_as_of_unknown: Text
    card_old: Text
    card_unsure: Text
    card_versions: Text
    card_personal: Text
    no_phone: Text
    no_phone_web: Text
    no_phone_via: Text
    ask_first: Text
    ask_also: Text
    open_until: Text
    open_always: Text
    opens_today: Text
    opens_on: Text
    weekdays: Text
    plan_b: Text
    nobody: Text
    details_button: Text
    next_step: Text
    documents: Text
    deadline: Text
    legal: Text
    note: Text
    urgent_now: Text
    urgent_soon: Text
    short_answer: Text
    # schools, parts of town, dates
    school_hint: Text
    school_why: Text
    rather_not_button: Text
    school_absence: Text
    school_social_work: Text
    district_ask: Text
    district_why: Text
    dates: Text
    dates_none: Text
    dates_next: Text
    dates_until: Text
    dates_contact: Text
    # afterwards
    helped_button: Text
    not_helped_button: Text
    wrong_button: Text
    wrong_ask: Text
    wrong_other_button: Text
    thanks_helped: Text
    thanks_not_helped: Text
    thanks_wrong: Text
    # danger and failure
    crisis: Text
    crisis_line: Text
    crisis_line_hours: Text
    crisis_program: Text
    failure: Text
    lost: Text

    unreadable: Text
    use_buttons: Text
    group: Text
    undecryptable: Text
    notice_telegram: Text
    notice_matrix: Text
    save_contact_button: Text
    map_button: Text
    language_button: Text
    privacy_button: Text
    forget_button: Text
    stop_button: Text

    def holes(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """Field → the placeholders of its two forms."""
        return {
            item.name: (_holes(value.sie), _holes(value.du)) for item in fields(self) if (value := _of(self, item.name))
        }


def _of(texts: Texts, name: str) -> Wording:
    value = getattr(texts, name)
    assert isinstance(value, Wording)  # noqa: S101 - every field is one; narrows the type
    return value


def _holes(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
