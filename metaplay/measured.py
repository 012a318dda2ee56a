"""What `python -m benchmarks.peers` measured, as its CSV files keep it: who, on what, how fast. The benchmark writes it, the page
shows it."""

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from metaplay.text import Text

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
"""Where the files lie that came with the project, one a device."""
REFERENCE = "metaplay"
"""What the others are compared with."""
LABELS: dict[str, Text] = {
    "metaplay": Text("metaplay", "metaplay"),
    "learn2learn": Text("learn2learn", "learn2learn"),
    "higher": Text("higher", "higher"),
    "torchopt": Text("TorchOpt", "TorchOpt"),
    "loop": Text("plain loop (PyTorch)", "普通循环 (PyTorch)"),
    "vmap": Text("torch.func.vmap", "torch.func.vmap"),
    "jax": Text("JAX jit + vmap", "JAX jit + vmap"),
}
"""What they are called, in the order in which they are told."""
SCALED: dict[str, Text] = {
    "meta_batch": Text("meta-batch", "元批次"),
    "way": Text("ways", "类别数"),
    "inner_steps": Text("inner steps", "内层步数"),
    "width": Text("width", "宽度"),
}
"""What metaplay's cost is measured against, as `scaling-NAME-VALUE`."""
GOAL = 0.9
"""The validation accuracy of the race to an accuracy."""


FORMS = {"stride2": Text("stride 2", "步幅 2"), "max-pool": Text("max-pool", "最大池化")}
_ORDERS = {"second": Text("second order", "二阶"), "first": Text("first order", "一阶")}


def _sinusoid(steps: int) -> Text:
    words = Text("Sinusoid MLP, 10 shots, meta-batch 25, {steps}", "正弦 MLP，10 样本，元批次 25，{steps}")
    return words.fill(steps=_steps(steps))


def _omniglot(form: str, steps: int, order: str) -> Text:
    return Text(
        "Omniglot 5-way 1-shot, Conv4-64 {form}, meta-batch 32, 1 query a class, {steps}, {order}",
        "Omniglot 5 类 1 样本，Conv4-64 {form}，元批次 32，每类 1 个查询，{steps}，{order}",
    ).fill(steps=_steps(steps), form=FORMS[form], order=_ORDERS[order])


def _steps(count: int) -> Text:
    return Text("1 inner step", "1 个内层步") if count == 1 else Text("{n} inner steps", "{n} 个内层步").fill(n=count)


TITLES: dict[str, Text] = {
    "W1-1": _sinusoid(1),
    "W1-5": _sinusoid(5),
    **{
        f"W2-{form}-{steps}{'-first' if order == 'first' else ''}": _omniglot(form, steps, order)
        for order in ("second", "first")
        for form in ("stride2", "max-pool")
        for steps in (1, 5)
    },
    "W3": Text(
        "Omniglot 20-way 1-shot, Conv4-64 stride 2, meta-batch 16, 5 inner steps",
        "Omniglot 20 类 1 样本，Conv4-64 步幅 2，元批次 16，5 个内层步",
    ),
    "W4": Text(
        "MAML++ with all its ingredients, Omniglot 5-way 1-shot, Conv4-64 max-pool, meta-batch 8, 5 inner steps",
        "MAML++ 全部改进，Omniglot 5 类 1 样本，Conv4-64 最大池化，元批次 8，5 个内层步",
    ),
    "W5": Text(
        "Reptile, Omniglot 5-way, 10 shots, Conv4-64 stride 2, meta-batch 5, 10 inner Adam steps of 10 examples",
        "Reptile，Omniglot 5 类 10 样本，Conv4-64 步幅 2，元批次 5，10 个内层 Adam 步，每步 10 个样本",
    ),
}
"""The meta-steps that contenders are compared on, by workload."""
RACE = "race-strokes"
"""The workload in which whole trainings run until GOAL is reached."""
ENOUGH = 1e-8
"""Relative error of a float64 meta-gradient up to which two are taken as the same."""


@dataclass
class Row:
    """Seconds of a meta-step, the least and the median of `steps`; `first` with all that is done but once (compilation).

    `error` is the relative error of the float64 meta-gradient against metaplay's (None: it is metaplay's); `memory` in bytes;
    `flops` of a meta-step, and `peak`, the most that a large matrix product reached in the same run, a second. `reached`
    is the training time, in seconds, after which the goal of a race to an accuracy was reached, after `steps` meta-steps.
    `problem` says why there are no figures. `device` to `command` say where, when, how busy the machine was before, of which
    commit and by which command it was measured.
    """

    workload: str
    contender: str
    threads: int
    version: str = ""
    error: float | None = None
    first: float | None = None
    least: float | None = None
    median: float | None = None
    steps: int = 0
    memory: int | None = None
    flops: int = 0
    peak: float | None = None
    reached: float | None = None
    problem: str = ""
    device: str = ""
    date: str = ""
    load: str = ""
    commit: str = ""
    command: str = ""

    @property
    def agrees(self) -> bool:
        """Whether its meta-gradient is metaplay's."""
        return self.error is None or self.error <= ENOUGH

    @property
    def share(self) -> float | None:
        """Of the peak of matrix products, reached by the quickest meta-step."""
        return self.flops / self.least / self.peak if self.least and self.peak and self.flops else None


_NUMBERS = {"threads": int, "steps": int, "memory": int, "flops": int}
_TEXTS = ("workload", "contender", "version", "problem", "device", "date", "load", "commit", "command")
NAMES = tuple(field.name for field in fields(Row))
"""The columns of a file."""


def load(path: Path) -> list[Row]:
    """The rows of a file; none where there is no such file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Row(**{name: _parsed(name, line[name]) for name in NAMES}) for line in csv.DictReader(file)]


def devices(folder: Path) -> dict[str, list[Row]]:
    """All that the files of a folder hold, by device; empty where nothing was measured."""
    rows = [row for path in sorted(folder.glob("*.csv")) for row in load(path)]
    return {
        device: [row for row in rows if row.device == device] for device in dict.fromkeys(row.device for row in rows)
    }


def of(rows: list[Row], workload: str) -> dict[str, Row]:
    """The rows of a workload, by contender, in their order."""
    return {row.contender: row for row in rows if row.workload == workload}


def meta_steps(rows: list[Row]) -> list[str]:
    """The workloads of TITLES on which metaplay and another were measured."""
    return [name for name in TITLES if len(compared(rows, name)) > 1]


def compared(rows: list[Row], workload: str) -> list[Row]:
    """The rows of a workload that can be compared: timed, with metaplay's meta-gradient. None if metaplay is not among them."""
    found = [row for row in of(rows, workload).values() if row.least and row.agrees]
    return found if any(row.contender == REFERENCE for row in found) else []


def scaling(rows: list[Row], name: str) -> dict[int, Row]:
    """metaplay's cost by the value of one of SCALED, in order; values without figures are left out."""
    prefix = f"scaling-{name}-"
    found = {
        int(row.workload.removeprefix(prefix)): row for row in rows if row.workload.startswith(prefix) and row.least
    }
    return dict(sorted(found.items()))


def overhead(rows: list[Row], workload: str) -> float | None:
    """The share of a live run's time that is not the bare loop's: events, probes, checkpoints. None where not measured."""
    found = of(rows, workload)
    bare, live = (found[name].least if name in found else None for name in ("bare loop", "live run"))
    return 1 - bare / live if bare and live else None


def _parsed(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    return _NUMBERS.get(name, float)(text) if text else None
