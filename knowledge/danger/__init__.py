"""The danger gate: messages after which emergency contacts must be shown at once."""

from knowledge.danger.gate import KINDS, Gate, Hit
from knowledge.danger.lint import lint_reply

__all__ = ["KINDS", "Gate", "Hit", "lint_reply"]
