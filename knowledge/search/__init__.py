"""Understanding: which of the concerns is a message about, in which language, and is it any of ours at all.

clean.py → tokens.py → typos.py → features.py (meanings.py) → model.py → decision.py (language.py)
learn.py: the model from examples · store.py: the model to bytes and back · names.py (spelling.py): offices by name
"""

from knowledge.search.decision import Ranking, Search
from knowledge.search.store import dump, load

__all__ = ["Ranking", "Search", "dump", "load"]
