"""Which classes of one's own are for training, validation and test: decided by their names, the same on every machine."""

import hashlib
from collections.abc import Iterable

LEAST = 6
"""Classes that a set must have: two each for training, validation and test, as a task asks to tell two apart."""
SHARE, USUAL_WAY = 0.2, 5
"""The share of validation, and of test; each has at least as many classes as a usual task, where there are three times as many."""


def deal(classes: Iterable[str]) -> dict[str, str]:
    """The split of each class: about 60 % are for training, 20 % for validation, 20 % for test; there must be LEAST or more."""
    order = sorted(classes, key=lambda name: hashlib.sha256(f"own:{name}".encode()).digest())
    held = max(round(SHARE * len(order)), min(USUAL_WAY, len(order) // 3))
    train = len(order) - 2 * held
    splits = ["train"] * train + ["val"] * held + ["test"] * held
    return dict(zip(order, splits, strict=True))
