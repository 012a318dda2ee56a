"""What is measured: meta-steps of the papers' settings, by name. Each is a preset with a few values changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metaplay.config import RunConfig, revise
from metaplay.measured import RACE, REFERENCE
from metaplay.presets import preset
from metaplay.registry import NETWORKS


@dataclass(frozen=True)
class Workload:
    """A meta-step: meta-gradient and outer update on a given meta-batch. `group` is W1 to W5, or "scaling".

    `contenders` are those that take part, where not all.
    """

    name: str
    preset: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    contenders: tuple[str, ...] | None = None

    @property
    def group(self) -> str:
        return self.name.split("-")[0]

    @property
    def config(self) -> RunConfig:
        """The configuration of the meta-step; tests take as many inner steps as training, for they play no part here."""
        config = preset(self.preset).config
        steps = self.changes.get("inner_steps", config.inner_steps)
        return revise(config, {"test_inner_steps": max(steps, config.test_inner_steps), **self.changes})


def threads(config: RunConfig, most: int) -> int:
    """Threads of everyone: one for the small MLP, whose tensors are too small to share, as metaplay's workers have it."""
    return most if NETWORKS[config.network].norm else 1


def _sinusoid(steps: int) -> Workload:
    return Workload(f"W1-{steps}", "paper-sinusoid-k10-maml", {"inner_steps": steps})


def _omniglot(network: str, steps: int, order: str) -> Workload:
    form = {"conv4": "stride2", "conv4-pool": "max-pool"}[network]
    name = f"W2-{form}-{steps}" + ("-first" if order == "first" else "")
    algorithm = "fomaml" if order == "first" else "maml"
    values = {"network": network, "inner_steps": steps, "inner_lr": 0.4 if steps == 1 else 0.1}
    return Workload(name, f"paper-omniglot-5w1s-{algorithm}", values)


SCALED: dict[str, tuple[int, ...]] = {
    "meta_batch": (1, 2, 4, 8, 16, 32, 64),
    "way": (2, 5, 10, 20),
    "inner_steps": (1, 2, 5, 10),
    "width": (16, 32, 64, 128),
}
"""What metaplay's cost is measured against, all else as in W2's stride-2 network, second order, one inner step."""


def _scaled(name: str, value: int) -> Workload:
    changes = {"inner_lr": 0.1, name: value}
    return Workload(f"scaling-{name}-{value}", "paper-omniglot-5w1s-maml", changes, (REFERENCE,))


WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        _sinusoid(1),
        _sinusoid(5),
        *(
            _omniglot(network, steps, order)
            for order in ("second", "first")
            for network in ("conv4", "conv4-pool")
            for steps in (1, 5)
        ),
        Workload("W3", "paper-omniglot-20w1s-maml"),
        Workload("W4", "paper-omniglot-5w1s-mamlpp"),
        Workload("W5", "paper-omniglot-5w1s-reptile", {"inner_steps": 10}),
        *(_scaled(name, value) for name, values in SCALED.items() for value in values),
    )
}
WHOLE: dict[str, str] = {"W6-sinusoid": "sinusoid-maml", "W6-omniglot": "omniglot-5w1s-maml"}
"""Presets whose whole training loop is measured, by workload."""
RACED = "strokes-5w1s-maml"
"""The preset that is trained until its validation accuracy reaches the goal; RACERS take part."""
RACERS = (REFERENCE, "learn2learn", "loop")
PEAK = "gemm"
"""The workload that measures what the machine can do, on one thread and on all."""
GROUPS = (PEAK, *dict.fromkeys(workload.group for workload in WORKLOADS.values()), "W6", RACE)
