"""Fuzzed messages through gate and ranking: no crash, none slow, memory flat.

    .venv/bin/python -m benchmarks.fuzz [NUMBER]

A seeded grammar mixes words of the packs' own examples with typos, joined and spaced letters, emoji and markup;
every eighth message is bytes at random. Slow is measured in CPU time, because the machine is shared.
"""

import gc
import random
import resource
import sys
import time
from pathlib import Path

from handlers.crisis import in_danger
from knowledge.folders import SHIPPED
from knowledge.load import examples, load

SLOW = 50.0  # milliseconds
ODD = "\u202e\u200b\u0000\ud800\uffff\u0301ﷺ😀🔪💊👩‍👩‍👧ẞıİßäöüÄ１２²Ⅷ…—„“<>&{}[]|\\^~`$%#@*_+=/?!.,;:'\"()\t\n"
ROUND = 100_000  # messages between two looks at the memory


def words() -> list[str]:
    found = examples([SHIPPED])
    texts = [text for of in found.values() for messages in of.values() for text in messages[::7]]
    return sorted({word for text in texts for word in text.split()})


def message(chance: random.Random, vocabulary: list[str]) -> str:
    if chance.random() < 1 / 8:
        raw = chance.randbytes(chance.randrange(200))
        return raw.decode(chance.choice(["utf-8", "latin-1", "utf-16-le"]), "replace")
    parts = [mangled(chance, chance.choice(vocabulary)) for _ in range(chance.choice([0, 1, 2, 4, 8, 12, 30]))]
    text = chance.choice([" ", " ", " ", "", "  ", ". ", "\n"]).join(parts)
    if chance.random() < 1 / 500:
        text *= chance.choice([50, 400])
    return text


def mangled(chance: random.Random, word: str) -> str:
    at = chance.randrange(len(word) + 1)
    match chance.randrange(9):
        case 0:
            return word[:at] + chance.choice(ODD) + word[at:]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return " ".join(word)
        case 3:
            return word[::-1]
        case 4:
            return word.upper()
        case 5:
            return word[:at] + word[at : at + 1] * chance.randrange(20) + word[at:]
        case _:
            return word


def main(number: int) -> int:
    knowledge = load(cache=Path("build/cache"))
    in_danger(knowledge, "warm", knowledge.search.rank("warm"))  # compiles the rules
    vocabulary, chance = words(), random.Random(7)
    gc.freeze()  # as the running bot does
    crashes, slow, worst, total = 0, 0, 0.0, 0.0
    memory = []
    for count in range(1, number + 1):
        text = message(chance, vocabulary)
        begun = time.process_time_ns()
        try:
            in_danger(knowledge, text, knowledge.search.rank(text))
        except Exception as error:  # noqa: BLE001 - counting them is the point
            crashes += 1
            print(f"crash: {type(error).__name__} at message {count}")
        spent = (time.process_time_ns() - begun) / 1e6
        total, worst, slow = total + spent, max(worst, spent), slow + (spent > SLOW)
        if count % ROUND == 0 or count == number:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
            print(f"{count:>9,} messages  {crashes} crashes  {slow} slower than {SLOW:.0f} ms", end="  ")
            print(f"worst {worst:.1f} ms  mean {total / count:.2f} ms  peak {memory[-1]} MiB", flush=True)
    return 1 if crashes or slow else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
