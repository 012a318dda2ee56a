"""metaplay: see meta-learning work. The architecture is described in README.md, "How it is laid out"."""

import os

__version__ = "0.1.0"

# Threads of torch that wait must soon sleep, not spin: with another busy process on the same cores, a meta-step of the sinusoid took
# 590 ms with spinning and 2.8 ms without. Not at once, though: a Conv4 step alone took 115 ms so, and 65 ms with a short spin. Read
# by OpenMP when torch is loaded, hence here.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
