"""Which classes are for training, validation and test: decided by their names, the same on every machine and for ever."""

import hashlib
from collections.abc import Mapping, Sequence


def by_name(names: Sequence[str], sizes: Mapping[str, int], salt: str) -> dict[str, list[int]]:
    """Deal the classes to the splits in the order of the SHA-256 of their salted names: {split: class numbers, ascending}."""
    order = sorted(range(len(names)), key=lambda i: hashlib.sha256(f"{salt}:{names[i]}".encode()).digest())
    return _deal(order, sizes)


def in_order(names: Sequence[str], sizes: Mapping[str, int]) -> dict[str, list[int]]:
    """The first classes for training, the next for validation, the rest for test."""
    return _deal(list(range(len(names))), sizes)


def _deal(order: list[int], sizes: Mapping[str, int]) -> dict[str, list[int]]:
    assert sum(sizes.values()) == len(order)
    dealt, start = {}, 0
    for split, size in sizes.items():
        dealt[split] = sorted(order[start : start + size])
        start += size
    return dealt
