"""Replies as plain text: cards as lines, buttons as numbered options."""

from collections.abc import Sequence

from handlers.dialogue import Button, Card, Reply


def plain(replies: Sequence[Reply]) -> str:
    """All replies of one turn; numbers stand for the buttons of the last reply that has any."""
    last = next((reply for reply in reversed(replies) if reply.buttons), None)
    parts = []
    for reply in replies:
        lines = [reply.text] if reply.text else []
        if reply.card:
            lines += card_lines(reply.card)
        if reply is last:
            lines += options(reply.buttons)
        parts.append("\n".join(lines))
    return "\n\n".join(part for part in parts if part)


def card_lines(card: Card) -> list[str]:
    """The card as text: title, then one fact a line with its date."""
    lines = [f"▸ {card.title}"]
    for line in card.lines:
        label = f"{line.label}: " if line.label else ""
        hint = f" ({line.hint})" if line.hint else ""
        if line.kind == "plan-b" and line.label:
            lines.append(f"  {line.label}:")
            label = ""
        lines.append(f"  {'  ' if line.kind == 'plan-b' else ''}{label}{line.value}{hint}")
    return lines


def options(buttons: Sequence[Button]) -> list[str]:
    return [f"  {number}) {button.label}" for number, button in enumerate(buttons, 1)]
