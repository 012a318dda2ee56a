"""Evaluating runs that are kept, from their snapshots: one by itself, or several on the same tasks."""

from collections.abc import Mapping
from dataclasses import replace

from metaplay.config import RunConfig, applicable
from metaplay.episodes import Split
from metaplay.events import Evaluated
from metaplay.text import Text, UserError
from metaplay.training.evaluate import evaluate, results
from metaplay.training.paired import Compared, paired
from metaplay.training.snapshot import Snapshot
from metaplay.training.train import Training, check_same

Kept = tuple[RunConfig, Snapshot]

_TASK_FIELDS = ("family", "way", "shot", "query", "hold_out", "protocol", "goals", "wind", "obstacles")
"""What decides the fixed tasks of a split."""


def evaluate_snapshot(
    config: RunConfig, snapshot: Snapshot, tasks: int, split: Split, transductive: bool | None = None
) -> Evaluated:
    """Evaluate a snapshot on the fixed tasks of a split, every class included.

    `transductive` replaces the configuration's value. Raises UserError where it means nothing for the run, and as `train` does.
    """
    run = restored(config, snapshot, transductive)
    return evaluate(run.learner, run.family, run.device, run.step, tasks, split, every_class=True)


def compare_snapshots(
    runs: Mapping[str, Kept], tasks: int, split: Split, transductive: bool | None = None
) -> list[Compared]:
    """Compare runs, by name, on the same fixed tasks of a split. Raises UserError as `evaluate_snapshot` does, and if the runs
    are tested on different tasks."""
    _check_same_tasks({name: config for name, (config, _) in runs.items()}, split)
    runs_again = (restored(*kept, transductive) for kept in runs.values())
    return paired([results(run.learner, run.family, run.device, tasks, split).values.cpu() for run in runs_again])


def in_manner(config: RunConfig, transductive: bool | None) -> RunConfig:
    """The configuration, evaluated in this manner; None leaves it as it is. Raises UserError where there is no such choice."""
    if transductive is None:
        return config
    if "transductive" not in applicable(config):
        raise UserError(
            Text(
                "{algorithm} on {family} is neither transductive nor inductive, as it has no batch normalisation; leave the choice out.",
                "{family} 上的 {algorithm} 没有批归一化，不分直推与归纳；请去掉这个选项。",
            ).fill(algorithm=config.algorithm, family=config.family)
        )
    return config.model_copy(update={"transductive": transductive})


def restored(config: RunConfig, snapshot: Snapshot, transductive: bool | None) -> Training:
    """A run as it was, to be evaluated in this manner. Raises UserError as `evaluate_snapshot` does."""
    check_same(config, snapshot)
    asked = in_manner(config, transductive)
    return Training(asked, replace(snapshot, meta={**snapshot.meta, "config": asked.model_dump()}))


def _check_same_tasks(configs: Mapping[str, RunConfig], split: Split) -> None:
    first, *others = configs
    for name in (*_TASK_FIELDS, "rotations") if split == "train" else _TASK_FIELDS:
        ours = getattr(configs[first], name)
        for other in others:
            theirs = getattr(configs[other], name)
            if theirs != ours:
                raise UserError(
                    Text(
                        "Runs {first} and {other} are tested on different tasks ({name} = {ours} and {theirs}): compare runs with the same.",
                        "训练 {first} 与 {other} 的测试任务不同（{name} = {ours} 与 {theirs}）：请比较设置相同的训练。",
                    ).fill(first=first, other=other, name=name, ours=ours, theirs=theirs)
                )
