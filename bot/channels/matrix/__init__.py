"""The Matrix channel: people write to the bot in a room of their own, encrypted or not."""

from bot.channels.matrix.channel import MatrixChannel

__all__ = ["MatrixChannel"]
