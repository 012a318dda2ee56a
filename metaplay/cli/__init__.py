"""The command line: the same runs as the pages, by the same engine code, without a browser.

Only what trains or evaluates imports torch, and only when it does, so that everything else answers at once.
"""

from metaplay.cli.main import main

__all__ = ["main"]
