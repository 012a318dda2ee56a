"""metaplay: see meta-learning work. The architecture is described in README.md, "How it is laid out"."""

__version__ = "0.1.0"
