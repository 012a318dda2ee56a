"""The numbers that all contenders start from: parameters and one meta-batch, drawn once and kept as a file."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaplay.config import RunConfig, parse

Array = NDArray[Any]
Arrays = dict[str, Array]
SEED = 0
"""Of the episodes, and of what Reptile draws."""


@dataclass(frozen=True)
class Problem:
    """A configuration, parameters in metaplay's names and shapes, and T tasks as in `metaplay.episodes`.

    `order` [T, K, batch]: which support examples each of Reptile's inner steps uses; None where a step uses all.
    """

    config: RunConfig
    params: Arrays
    support_x: Array
    support_y: Array
    query_x: Array
    query_y: Array
    order: Array | None = None

    @property
    def adapted(self) -> list[str]:
        """What MAML's inner loop changes: all but the scale and shift of batch normalisation."""
        return [name for name in self.params if not name.startswith("norm")]

    def as_type(self, dtype: str) -> "Problem":
        """The same with floats of that type."""

        def cast(value: Array) -> Array:
            return value.astype(dtype) if value.dtype.kind == "f" else value

        return replace(
            self,
            params={name: cast(value) for name, value in self.params.items()},
            **{name: cast(getattr(self, name)) for name in _EPISODES},
        )

    def first(self, tasks: int) -> "Problem":
        """The same with its first tasks only."""
        some = {name: getattr(self, name)[:tasks] for name in _EPISODES}
        return replace(self, **some, order=None if self.order is None else self.order[:tasks])

    def save(self, path: Path) -> None:
        arrays = {f"params.{name}": value for name, value in self.params.items()}
        arrays |= {name: getattr(self, name) for name in _EPISODES}
        arrays |= {} if self.order is None else {"order": self.order}
        write(path, {**arrays, "config": np.array(json.dumps(self.config.model_dump()))})


_EPISODES = ("support_x", "support_y", "query_x", "query_y")


def read(path: Path) -> Problem:
    """What `Problem.save` wrote."""
    arrays = read_arrays(path)
    params = {name.removeprefix("params."): value for name, value in arrays.items() if name.startswith("params.")}
    config = parse(json.loads(str(arrays["config"])))
    episodes = {name: arrays[name] for name in _EPISODES}
    return Problem(config, params, **episodes, order=arrays.get("order"))


def write(path: Path, arrays: Arrays) -> None:
    """Keep arrays by name."""
    np.savez(path, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> Arrays:
    """What `write` kept."""
    with np.load(path, allow_pickle=False) as file:
        return dict(file)
