"""What can be chosen: the algorithms, the task families and the networks, by name.

Nothing here imports what it names (and so no torch): `load` does that where training happens. Adding an algorithm is one
file in `algorithms/` and one entry here; the form, the command line, the presets and the charts read it from here.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from metaplay.registry.algorithms import ALGORITHMS, Algorithm
from metaplay.registry.extras import check_installed, lacking
from metaplay.registry.families import FAMILIES as _OTHERS
from metaplay.registry.families import PROTOCOLS, TURNS, Family, Metric, Protocol
from metaplay.registry.networks import NETWORKS, Network
from metaplay.registry.own import Families
from metaplay.registry.running import RUNNING
from metaplay.registry.vision import VISION

__all__ = [
    "ALGORITHMS",
    "BUILT_IN",
    "FAMILIES",
    "NETWORKS",
    "PROTOCOLS",
    "TURNS",
    "Algorithm",
    "Family",
    "Metric",
    "Network",
    "Protocol",
    "able",
    "check_installed",
    "lacking",
    "load",
]

BUILT_IN = dict(sorted({**_OTHERS, **RUNNING, **VISION}.items(), key=lambda item: item[1].text))
"""The families that are in every metaplay, sentences last."""

FAMILIES: Mapping[str, Family] = Families(BUILT_IN)
"""All families: those that are built in, and the data of one's own that are here now."""


def able(algorithm: str, family: str) -> bool:
    """Whether the algorithm can learn the family."""
    return FAMILIES[family].kind in ALGORITHMS[algorithm].kinds


def load(entry: Algorithm | Family | Network, kind: str = "") -> Any:
    """Import what an entry names (this is where torch comes in): of an algorithm, for families of this kind.

    Raises UserError for a family that needs what is not installed.
    """
    if isinstance(entry, Family):
        check_installed(entry)
    target = entry.acting if isinstance(entry, Algorithm) and kind == "control" else entry.target
    module, name = target.split(":")
    return getattr(import_module(module), name)
