"""What the next race will be: a family, its runners with what is their own, and what all of them share."""

from dataclasses import dataclass, field
from typing import Any

from metaplay.config import RunConfig, applicable, defaults, revise
from metaplay.engine import racing
from metaplay.registry import FAMILIES, able
from metaplay.text import Text, UserError

OWN = ("inner_steps", "test_inner_steps", "inner_lr", "outer_lr")
"""What a runner has of its own."""
SHARED = ("way", "shot", "query", "meta_batch", "steps", "seed", "eval_tasks")
"""What all runners share, where it applies."""
_LENGTH = {"regression": 1500, "classification": 200, "control": 50}
"""Meta-steps of a race that nobody has changed: a few minutes on a processor."""
VALUES: dict[str, tuple[int, ...]] = {
    "way": (2, 3, 5, 10, 20),
    "shot": (1, 2, 3, 5, 10, 20),
    "inner_steps": (1, 2, 3, 5, 10),
}
"""Values that a sweep can take."""
_VALUES = Text("Choose two to four values for the sweep.", "请为扫描选择两到四个值。")


@dataclass
class Runner:
    """A runner to be: its algorithm, and the values of OWN that are not its algorithm's defaults."""

    algorithm: str
    own: dict[str, Any] = field(default_factory=dict)


@dataclass
class Setup:
    """A race to be. `sweep` is the field that it goes over, with `values`; None for a plain race."""

    family: str
    runners: list[Runner]
    shared: dict[str, Any]
    sweep: str | None = None
    values: tuple[int, ...] = ()

    def config(self, runner: Runner) -> RunConfig:
        """A runner by itself. Raises ConfigError where its values do not fit."""
        return revise(defaults(runner.algorithm, self.family), runner.own)

    def configs(self) -> list[RunConfig]:
        """All runs of the race. Raises UserError about the first thing that does not fit."""
        level = racing.levelled(map(self.config, self.runners), self.shared)
        if self.sweep:
            if not 2 <= len(self.values) <= 4:
                raise UserError(_VALUES)
            level = racing.swept(level, self.sweep, self.values)
        racing.check(level, self.sweep)
        return level

    def fields(self) -> list[str]:
        """The fields of SHARED that mean something in this family and are not swept over."""
        known = applicable(defaults("maml", self.family))
        return [name for name in SHARED if name in known and name != self.sweep]


def fresh(family: str) -> Setup:
    """A race of three on a family: second order, first order, and none."""
    usual = defaults("maml", family)
    shared = {name: getattr(usual, name) for name in SHARED if name in applicable(usual)}
    shared["steps"] = _LENGTH[FAMILIES[family].kind]
    names = [name for name in ("maml", "fomaml", "reptile") if able(name, family)]
    return Setup(family, [Runner(name) for name in names], shared)


def of(configs: list[RunConfig], sweep: str | None) -> Setup:
    """The setup of a race that was run."""
    first = configs[0]
    values: tuple[int, ...] = tuple(dict.fromkeys(getattr(config, sweep) for config in configs)) if sweep else ()
    once = [config for config in configs if not sweep or getattr(config, sweep) == getattr(first, sweep)]
    # The shared values are those of a run that meta-trains, as one that does not has no meta-batch and no length.
    model = max(once, key=lambda config: len(applicable(config)))
    shared = {name: getattr(model, name) for name in SHARED if name in applicable(defaults("maml", first.family))}
    return Setup(first.family, [Runner(config.algorithm, _own(config)) for config in once], shared, sweep, values)


def _own(config: RunConfig) -> dict[str, Any]:
    usual = defaults(config.algorithm, config.family)
    names = [name for name in OWN if name in applicable(config)]
    return {name: getattr(config, name) for name in names if getattr(config, name) != getattr(usual, name)}
