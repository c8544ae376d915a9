"""A released number, or a sum of released numbers, and how it is meant."""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a number is meant."""

    EXACT = "exact"
    ABOUT = "about"  # rounded, or a sum with rounded parts
    LEAST = "least"  # a sum of which not every part was given


@dataclass(frozen=True, slots=True)
class Number:
    """*n* as it is published."""

    n: int
    how: How
