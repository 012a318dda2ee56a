"""Which state of the code a run is computed by."""

import os
import subprocess
from functools import lru_cache
from pathlib import Path

UNKNOWN = "unknown"
_ROOT = Path(__file__).parents[2]


@lru_cache
def commit() -> str:
    """Git's short hash of this code, with a "+" where files of it were changed since; "unknown" without git.

    Asked once in a process, as the code that it has loaded stays what it is.
    """
    words = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(_ROOT.parent)}  # not that of a repository around a bare copy
    try:
        return subprocess.run(words, env=alone, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
