"""What is known of each set of one's own: read by whatever lists families, so it stays light."""

import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from metaplay.settings import settings

PREFIX = "own:"
"""What the name of a family of one's own begins with."""
NAME = re.compile(r"[^\W_][\w-]{0,39}")
"""What a set may be called: it names a folder, too."""
VERSION = 1
Kind = Literal["images", "text"]


@dataclass(frozen=True)
class Class:
    """A class: its name, the number of its examples, and the split that it is in."""

    name: str
    count: int
    split: str


@dataclass(frozen=True)
class About:
    """A set: its classes in the order of its examples; of images their `side` in pixels and their `channels` (1 or 3); of
    sentences that came with vectors their length `dims`."""

    kind: Kind
    classes: tuple[Class, ...]
    side: int = 0
    channels: int = 0
    dims: int = 0

    def to_json(self) -> bytes:
        return json.dumps({"version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1).encode()

    @property
    def examples(self) -> int:
        """How many there are in all."""
        return sum(one.count for one in self.classes)

    @property
    def fewest(self) -> int:
        """Examples of the class that has the fewest."""
        return min(one.count for one in self.classes)

    def sizes(self) -> dict[str, int]:
        """Classes per split."""
        splits = [one.split for one in self.classes]
        return {split: splits.count(split) for split in ("train", "val", "test")}


def root() -> Path:
    """The folder of all sets of one's own."""
    return settings().data / "own"


def names() -> list[str]:
    """The sets that are here, in alphabetical order."""
    try:
        return sorted(item.name for item in root().iterdir() if about(item.name) is not None)
    except OSError:
        return []


def about(name: str) -> About | None:
    """What is known of a set; None if it is not here. The name may come from anywhere."""
    if not NAME.fullmatch(name):
        return None
    file = root() / name / "about.json"
    try:
        return _read(file, file.stat().st_mtime_ns)
    except OSError:
        return None


def of_family(family: str) -> About | None:
    """What is known of the set of a family; None if that is not of one's own, or not here."""
    return about(family.removeprefix(PREFIX)) if family.startswith(PREFIX) else None


def written(family: str) -> int:
    """When the set of a family was added, in nanoseconds, which tells two of one name apart; 0 for what is built in."""
    return (root() / family.removeprefix(PREFIX) / "about.json").stat().st_mtime_ns if of_family(family) else 0


@lru_cache(maxsize=256)
def _read(file: Path, _written: int) -> About | None:
    try:
        return _parsed(json.loads(file.read_bytes()))
    except (ValueError, TypeError, KeyError):  # not one of ours, or of a later version
        return None


def _parsed(found: dict[str, Any]) -> About | None:
    if found.pop("version") != VERSION:
        return None
    return About(**{**found, "classes": tuple(Class(**one) for one in found["classes"])})
