"""Replies for a terminal: cards as panels, options numbered, wrapped to the window."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.render import options
from handlers.dialogue import Card, Reply

WIDTH = 88  # characters; longer lines are hard to read


def draw(console: Console, replies: Sequence[Reply]) -> None:
    """Print one turn."""
    last = next((reply for reply in reversed(replies) if reply.buttons), None)
    for reply in replies:
        if reply.text:
            console.print(Text(reply.text), width=min(console.width, WIDTH))
        if reply.card:
            console.print(_panel(reply.card), width=min(console.width, WIDTH))
        if reply is last:
            marks = [
                Text(line, style="cyan" if not button.minor else "dim")
                for line, button in zip(options(reply.buttons), reply.buttons, strict=True)
            ]
            console.print(Group(*marks))
        console.print()


def _panel(card: Card) -> Panel:
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(style="bold", max_width=18)
    grid.add_column(ratio=1)
    for line in card.lines:
        value = Text(line.value, style="bold green" if line.kind == "phone" else "")
        if line.hint:
            value.append(f"  {line.hint}", style="dim")
        grid.add_row(line.label, value)
    return Panel(Padding(grid, (0, 1)), title=Text(card.title, style="bold"), title_align="left", border_style="cyan")
