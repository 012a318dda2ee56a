"""How long runs take here, learnt from those that trained: for how long others will be waited for. No torch."""

import math

from metaplay.config import RunConfig, flops
from metaplay.engine.store import RunState
from metaplay.registry import ALGORITHMS

_SETTLED = 1.0
"""Seconds of training after which a run's pace is taken for that of its kind."""


class Lengths:
    """Seconds for each operation of a meta-step, by the kind of run that was seen last."""

    def __init__(self) -> None:
        self._paces: dict[tuple[str, str], float] = {}

    def saw(self, config: RunConfig, state: RunState) -> None:
        """A run of this configuration has come so far."""
        if state.step > 0 and state.seconds > _SETTLED:
            self._paces[_kind(config)] = state.seconds / (state.step * flops.meta_step(config))

    def left(self, config: RunConfig, state: RunState) -> float:
        """Seconds of training that such a run has before it; infinite where none of its kind was seen, or while it is paused."""
        self.saw(config, state)
        pace = self._paces.get(_kind(config))
        if pace is None or state.state == "paused":
            return math.inf
        steps = config.steps - state.step if ALGORITHMS[config.algorithm].meta_trains else 0
        return pace * max(0, steps) * flops.meta_step(config)


def _kind(config: RunConfig) -> tuple[str, str]:
    return config.algorithm, config.network
