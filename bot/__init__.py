"""Runs it: the only package that reads, writes, waits or knows what time it is."""

import os

# One thread for the small matrices of the search: more of them wait for each other and make fitting ten times slower.
# It has to be said before numpy is imported for the first time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
