"""Understanding: which of the concerns is a message about, in which language, and is it any of ours at all.

clean.py -> tokens.py -> features.py -> model.py -> decision.py        spelling.py -> names.py: offices by name
                               learn.py: model from examples             store.py: model to bytes and back
"""

from knowledge.search.decision import Ranking, Search
from knowledge.search.learn import fit
from knowledge.search.store import dump, load

__all__ = ["Ranking", "Search", "dump", "fit", "load"]
