"""The runs of a race side by side: how each is called and looks, what it cost, and how it compares with the first, task by task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from metaplay.charts import style
from metaplay.config import RunConfig, control, gradient_evaluations, parse, summary
from metaplay.events import Probe
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.registry.families import Metric
from metaplay.text import Language, Text

Along = Literal["step", "seconds", "gradients"]
"""What results are drawn against: meta-steps, seconds of the run's own training, or gradient evaluations."""
_DASHES = ("dot", "dash", "longdash", "dashdot", "solid")


@dataclass(frozen=True)
class Runner:
    """One of a race: `config` is what its run was started with. Colour, dash and symbol are its algorithm's; a second run of the
    same algorithm is paler, with another dash and hollow symbols."""

    name: str
    config: RunConfig
    history: History
    colour: str
    dash: str
    symbol: str

    @property
    def trains(self) -> bool:
        """Whether it meta-trains at all."""
        return ALGORITHMS[self.config.algorithm].meta_trains

    @property
    def classifies(self) -> bool:
        return FAMILIES[self.config.family].kind == "classification"

    @property
    def metric(self) -> Metric:
        return FAMILIES[self.config.family].metric

    @property
    def unit(self) -> Text:
        """What its results are."""
        return style.ACCURACY if self.classifies else style.error(self.config)

    def result(self, probe: Probe) -> tuple[float, float]:
        """Mean over the probe tasks after the last inner step, and its CI95: accuracy, else the loss."""
        return (
            (probe.accuracy[-1], probe.accuracy_ci95[-1]) if self.classifies else (probe.loss[-1], probe.loss_ci95[-1])
        )

    def gradients(self, step: int) -> int:
        """Gradient evaluations of its first `step` meta-steps, with the values that held at the time."""
        config, begin, total = self.config, 0, 0
        for change in self.history.changes:
            if change.step < step:
                total += gradient_evaluations(config, change.step) - gradient_evaluations(config, begin)
                config, begin = parse({**config.model_dump(), **change.values}), change.step
        return total + gradient_evaluations(config, step) - gradient_evaluations(config, begin)

    def places(self, along: Along) -> Sequence[float]:
        """Where its probes stand along the axis."""
        if along == "seconds":
            return self.history.probe_seconds
        steps = [probe.step for probe in self.history.probes]
        return steps if along == "step" else [self.gradients(step) for step in steps]


@dataclass(frozen=True)
class Standing:
    """A runner's result and its difference to the first runner's, each with CI95 = 1.96 * std / sqrt(tasks) over the same tasks.

    After meta-step `step`: on the probe tasks, or where `final`, on the test tasks at the end.
    """

    step: int
    tasks: int
    final: bool
    mean: float
    ci95: float
    difference: float
    difference_ci95: float

    @property
    def sure(self) -> bool:
        """Whether the interval of the difference leaves out nought."""
        return abs(self.difference) > self.difference_ci95


def runners(configs: Sequence[RunConfig], histories: Sequence[History], language: Language) -> list[Runner]:
    """The runs in their order. Those of one algorithm are told apart by the settings in which they differ."""
    made: list[Runner] = []
    for place, (config, history) in enumerate(zip(configs, histories, strict=True)):
        own = ALGORITHMS[config.algorithm]
        earlier = sum(other.algorithm == config.algorithm for other in configs[:place])
        dash, symbol, colour = own.dash, own.symbol, own.colour
        if earlier:
            dash = _DASHES[(earlier - 1) % len(_DASHES)]
            symbol, colour = f"{own.symbol}-open", style.faded(own.colour, max(0.35, 1 - 0.25 * earlier))
        made.append(Runner(_name(config, configs, language), config, history, colour, dash, symbol))
    return made


def standings(field: Sequence[Runner]) -> list[Standing | None]:
    """How each runner stands against the first; None while there are no tasks that both were measured on."""
    final = all(runner.history.evaluated for runner in field)
    return [_final(runner, field[0]) if final else _live(runner, field[0]) for runner in field]


def paired(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Mean of the differences between values of the same tasks, and its CI95."""
    return mean_ci95(np.asarray(ours, float) - np.asarray(theirs, float))


def mean_ci95(values: style.Array) -> tuple[float, float]:
    """Mean and 1.96 * std / sqrt(n) of n values."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return float(values.mean()), 1.96 * spread / len(values) ** 0.5


def _final(runner: Runner, first: Runner) -> Standing | None:
    ours, theirs = runner.history.evaluated[-1], first.history.evaluated[-1]
    return _standing(ours.step, ours.per_task, theirs.per_task, True)


def _live(runner: Runner, first: Runner) -> Standing | None:
    """At the latest meta-step after which both were probed; one that does not train stays as it is."""
    mine, theirs = ({probe.step: probe for probe in one.history.probes} for one in (runner, first))
    if not mine or not theirs:
        return None
    if runner.trains and first.trains:
        step = max(mine.keys() & theirs.keys(), default=0)
        return _standing(step, mine[step].per_task, theirs[step].per_task, False) if step in mine else None
    ours, other = max(mine), max(theirs)
    return _standing(max(ours, other), mine[ours].per_task, theirs[other].per_task, False)


def _standing(step: int, ours: list[float], theirs: list[float], final: bool) -> Standing | None:
    if not ours or len(ours) != len(theirs):
        return None
    mean, ci95 = mean_ci95(np.asarray(ours, float))
    difference, difference_ci95 = paired(ours, theirs)
    return Standing(step, len(ours), final, mean, ci95, difference, difference_ci95)


def _name(config: RunConfig, configs: Sequence[RunConfig], language: Language) -> str:
    same = [summary(other) for other in configs if other.algorithm == config.algorithm]
    label = ALGORITHMS[config.algorithm].label
    own: dict[str, object] = summary(config)
    differing = [name for name in own if any(other.get(name) != own[name] for other in same)]
    told = [f"{control(name).label(language)} {own[name]}" for name in differing]
    return " · ".join([label, *told])
