"""Whose a run is: a file in its folder names the browser that it belongs to. No torch.

<root>/<run>/owner   what is known of the browser's id (`known_by`); none for a run of the host's own, made by the command line or
                     while METAPLAY_VISITORS was `one`
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from metaplay.engine.store import RunStore

FILE = "owner"
Owner = str | None
"""A visitor as the engine knows one; None is the host, who may do everything."""


def known_by(secret: str) -> str:
    """What is kept of a browser's id: it tells visitors apart, and whoever reads it cannot pass for one of them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def files(owner: Owner) -> dict[str, bytes]:
    """What the folder of a run of this owner gets (RunStore.create)."""
    return {FILE: owner.encode()} if owner else {}


def of(store: RunStore, run: str) -> Owner:
    """Whose the run is. Raises UserError if there is no such run."""
    return _read(store.path(run))


@lru_cache(maxsize=20_000)
def _read(folder: Path) -> Owner:  # it never changes
    return read(folder)


def read(folder: Path) -> Owner:
    """Whose a folder is, of a run or of a data set."""
    try:
        return (folder / FILE).read_text()
    except FileNotFoundError:
        return None
