"""What people call a run: a name and tags of their own, kept in its folder; and where it came from, if it was opened. No torch."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError

from metaplay.engine.store import RunStore, write_whole, writing

FILE = "label.json"
LONGEST_NAME, LONGEST_TAG, MOST_TAGS = 60, 24, 6


@dataclass(frozen=True)
class Label:
    """`origin` is the name that the run had where it was trained, for one that was opened from a bundle; a `pinned` run stays
    where there is no room for all (taken.py)."""

    name: str = ""
    tags: tuple[str, ...] = ()
    origin: str = ""
    pinned: bool = False

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


_LABEL = TypeAdapter(Label)


def label(name: str, tags: Iterable[str], origin: str = "") -> Label:
    """A label of what somebody typed: one line, no longer than it can be shown, every tag once."""
    cleaned = (_line(tag, LONGEST_TAG) for tag in tags)
    once = {tag.casefold(): tag for tag in reversed([tag for tag in cleaned if tag])}
    return Label(_line(name, LONGEST_NAME), tuple(reversed(once.values()))[:MOST_TAGS], origin)


def read(store: RunStore, run: str) -> Label:
    """The run's label, which is empty before it has one, and where its file is damaged."""
    path = store.path(run) / FILE
    try:
        return _LABEL.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return Label()


def write(store: RunStore, run: str, new: Label) -> None:
    """Give the run this label. Raises UserError where it cannot be written."""
    folder = store.path(run)
    with writing(folder):
        write_whole(folder / FILE, new.to_json())


def _line(text: str, longest: int) -> str:
    """`text` without what is not printed, its spaces single."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:longest].strip()
