"""Races: runs that one worker trains in turn, a meta-step each, and that can so be compared whatever the machine does. No torch.

<root>/.races/<race>.json: its runs, which are like any others, and the field that it sweeps over, if it does.

All runs of a race meet the same tasks in the same order, in training and at test; in a sweep those do that have the same value
of the field.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from metaplay.config import RunConfig, applicable, revise
from metaplay.engine import owners
from metaplay.engine.control import order
from metaplay.engine.owners import Owner
from metaplay.engine.store import NAME, RunStore, new_name, write_whole, writing
from metaplay.registry import ALGORITHMS
from metaplay.text import Text, UserError

LEAST, MOST = 2, 6
MOST_SWEPT = 8
"""Runs of a sweep, at most."""
SWEPT = ("way", "shot", "inner_steps")
"""The fields that a race may sweep over."""
TASKS = ("family", "hold_out", "protocol", "goals", "wind", "obstacles", "way", "shot", "query", "seed", "eval_tasks")
"""What decides the tasks of every run, and besides, of one that meta-trains:"""
STREAM = ("rotations", "meta_batch", "train_way", "train_shot")


@dataclass(frozen=True)
class Race:
    """A race: its runs, the first of which the others are compared with, the field that it sweeps over, and when it was made."""

    name: str
    members: tuple[str, ...]
    sweep: str | None
    made: float


def create(store: RunStore, configs: Sequence[RunConfig], sweep: str | None = None, owner: Owner = None) -> Race:
    """Make a race and its runs. Raises UserError as `check` does, or if it cannot be written."""
    check(configs, sweep)
    members = tuple(store.create(config, owners.files(owner)) for config in configs)
    for run in members:
        order(store, run, "resume")
    race = Race(new_name(), members, sweep, time.time())
    folder = _folder(store)
    with writing(folder):
        folder.mkdir(exist_ok=True)
        write_whole(folder / f"{race.name}.json", json.dumps(asdict(race), indent=1).encode())
    return race


def read(store: RunStore, name: str) -> Race:
    """The race of that name, with those of its runs that are still here. Raises UserError where there is none."""
    path = _folder(store) / f"{name}.json"
    if NAME.fullmatch(name) and path.is_file():
        values = json.loads(path.read_bytes())
        members = tuple(run for run in values["members"] if (store.root / run / "config.json").is_file())
        if members:
            return Race(name, members, values["sweep"], values["made"])
    raise UserError(
        Text(
            "There is no race named {name} here; it was deleted or belongs to another server.",
            "这里没有名为 {name} 的竞赛；它已被删除或属于另一台服务器。",
        ).fill(name=name)
    )


def names(store: RunStore) -> list[str]:
    """The names of all races, newest first."""
    return sorted((file.stem for file in _folder(store).glob("*.json") if NAME.fullmatch(file.stem)), reverse=True)


def check(configs: Sequence[RunConfig], sweep: str | None = None) -> None:
    """Raises UserError unless these are as many as can race, and meet the same tasks."""
    most = MOST if sweep is None else MOST_SWEPT
    if not LEAST <= len(configs) <= most:
        raise UserError(
            Text(
                "A race has {least} to {most} runs, not {n}: add or remove some.",
                "一场竞赛有 {least} 到 {most} 次训练，而不是 {n} 次：请增减。",
            ).fill(least=LEAST, most=most, n=len(configs))
        )
    free = (sweep, f"train_{sweep}") if sweep else ()
    for config in configs:
        for other in configs:
            ours, theirs = stream(config), stream(other)
            same = sweep is None or getattr(config, sweep) == getattr(other, sweep)
            for name in ours.keys() & theirs.keys():
                if ours[name] != theirs[name] and (same or name not in free):
                    raise _different(name, ours[name], theirs[name])


def stream(config: RunConfig) -> dict[str, Any]:
    """What decides which tasks a run meets, and in which order."""
    meets = {name: getattr(config, name) for name in TASKS}
    if ALGORITHMS[config.algorithm].meta_trains:
        meets |= {name: getattr(config, name) for name in STREAM}
        meets |= {"train_way": config.train_way or config.way, "train_shot": config.train_shot or config.shot}
    return meets


def shared(config: RunConfig) -> dict[str, Any]:
    """What a run has in common with all that race it: its tasks, and the length of training."""
    common = (*TASKS, *STREAM, "steps")
    return {name: getattr(config, name) for name in applicable(config) if name in common and name != "family"}


def levelled(configs: Iterable[RunConfig], values: Mapping[str, Any]) -> list[RunConfig]:
    """These configurations with those of `values` that apply to each, and trained on tasks of the same size as tested on.

    Raises ConfigError where the values do not fit.
    """
    level = {**values, "train_way": 0, "train_shot": 0}
    return [_with(config, {name: level[name] for name in applicable(config) if name in level}) for config in configs]


def swept(configs: Sequence[RunConfig], field: str, values: Iterable[int]) -> list[RunConfig]:
    """Every configuration at every value of a field of SWEPT to which that field applies. Raises ConfigError."""
    return [
        _with(config, {field: value})
        for value in values
        for config in configs
        if field in applicable(config) or field == "shot"
    ]


def _with(config: RunConfig, values: Mapping[str, Any]) -> RunConfig:
    """`config` with other values; it is tested with at least as many inner steps as it then trains with."""
    trained = values.get("inner_steps", config.inner_steps)
    if "inner_steps" in applicable(config) and trained > config.test_inner_steps:
        values = {**values, "test_inner_steps": trained}
    return revise(config, values)


def _different(name: str, ours: object, theirs: object) -> UserError:
    return UserError(
        Text(
            "The runs of a race meet the same tasks, but here {name} = {ours} and {theirs}: give all of them the same.",
            "一场竞赛中的训练面对相同的任务，但这里 {name} = {ours} 与 {theirs}：请统一设置。",
        ).fill(name=name, ours=ours, theirs=theirs)
    )


def _folder(store: RunStore) -> Path:
    return store.root / ".races"
