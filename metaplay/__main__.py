"""`python -m metaplay`: the command line."""

import sys

from metaplay.cli import main

if __name__ == "__main__":
    sys.exit(main())
