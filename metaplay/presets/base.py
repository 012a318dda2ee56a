"""What a preset is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from metaplay.config import RunConfig, defaults, revise
from metaplay.text import Text


@dataclass(frozen=True)
class Paper:
    """A published figure, as text with its unit, and where it stands."""

    figure: str
    source: str


@dataclass(frozen=True)
class Preset:
    """A named starting point: what it shows in one sentence, and what it changes of the defaults.

    `after` says which result of which paper it is after and what differs; `paper` is that result, where we have read it.
    """

    algorithm: str
    family: str
    title: Text
    values: Mapping[str, Any]
    after: Text | None = None
    paper: Paper | None = None

    @cached_property
    def config(self) -> RunConfig:
        return revise(defaults(self.algorithm, self.family), self.values)
