"""learn2learn from its source distribution, which does not build on Python 3.11 and later.

Its MAML is plain Python: pip downloads the archive, the few files that are needed are unpacked, and imported without the
package's own start, which would lead to its compiled parts.
"""

import importlib
import subprocess
import sys
import tarfile
import types
from pathlib import Path
from typing import Any

from metaplay.settings import settings

VERSION = "0.2.0"
_NAME = f"learn2learn-{VERSION}"
_NEEDED = ("algorithms/base_learner.py", "algorithms/maml.py", "utils/__init__.py")


def unpacked() -> Any:
    """The module `learn2learn.algorithms.maml`. Raises RuntimeError, with pip's last words, where it cannot be had."""
    root = settings().cache / "peers" / _NAME
    if not all((root / name).exists() for name in _NEEDED):
        _unpack(_download(root.parent), root)
    for package, folder in (("learn2learn", root), ("learn2learn.algorithms", root / "algorithms")):
        module = types.ModuleType(package)
        module.__path__ = [str(folder)]
        sys.modules[package] = module
    return importlib.import_module("learn2learn.algorithms.maml")


def _download(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    words = ["download", "--no-deps", "--no-binary", "learn2learn", "--dest", str(folder), f"learn2learn=={VERSION}"]
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False)
    archive = folder / f"{_NAME}.tar.gz"
    if not archive.exists():
        raise RuntimeError(
            f"pip could not download it: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
        )
    return archive


def _unpack(archive: Path, root: Path) -> None:
    """Only the needed files, read by name, to places that we chose."""
    with tarfile.open(archive) as files:
        for name in _NEEDED:
            member = files.extractfile(f"{_NAME}/learn2learn/{name}")
            assert member
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(member.read())
