"""A gate that is built when the first message comes: its rules take longer to compile than a greeting to print."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from knowledge.danger.gate import Gate, Hit


class LateGate:
    """Answers like the Gate of the same rules, which were found to be right before."""

    def __init__(self, rules_by_language: Mapping[str, Any]) -> None:
        self.rules = rules_by_language

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self.rules)

    def look(self, text: str) -> Hit | None:
        return self._gate.look(text)

    def guarded(self, text: str) -> bool:
        return self._gate.guarded(text)
