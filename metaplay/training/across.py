"""Across families: a run that learnt the tasks of one adapts to those of another, and is tested on them."""

from typing import NamedTuple, cast

from metaplay.config.across import across
from metaplay.episodes import Split, TaskFamily
from metaplay.events import Evaluated
from metaplay.registry import FAMILIES, load
from metaplay.tasks.images import ImageFamily
from metaplay.text import Text, UserError
from metaplay.training.evaluate import evaluate
from metaplay.training.kept import Kept, restored


class Across(NamedTuple):
    """What came of it; and the number of classes that the tasks were made of, `undivided`: of all that the family has."""

    evaluated: Evaluated
    classes: int
    undivided: bool


def evaluate_across(
    kept: Kept, family: str, tasks: int, split: Split = "test", transductive: bool | None = None
) -> Across:
    """Evaluate a run on the fixed tasks of another family, adapting to each as it does to its own.

    The tasks are of the split's classes, so that runs that were trained on that family stand beside it. Where the split has
    fewer classes than a task needs, they are of all classes: the run was trained on none of them. Raises UserError where the
    run cannot take the tasks, and as `evaluate_snapshot` does.
    """
    config, snapshot = kept
    asked = across(config, family)
    run = restored(config, snapshot, transductive)
    other: TaskFamily = run.family if family == config.family else load(FAMILIES[family])(asked, run.device)
    undivided = family != config.family and 0 < other.class_counts.get(split, 0) < config.way
    if undivided:
        other, split = _undivided(other, family, config.way), "test"
    found = evaluate(run.learner, other, run.device, run.step, tasks, split, every_class=True)
    return Across(found, other.class_counts.get(split, 0), undivided)


def _undivided(family: TaskFamily, name: str, way: int) -> TaskFamily:
    if isinstance(family, ImageFamily):
        return cast("TaskFamily", family.undivided())
    raise UserError(
        Text(
            "{name} holds out fewer than {way} classes of sentences: a {way}-way run cannot be tested on it.",
            "{name} 留出的文本类别少于 {way} 个：无法测试 {way} 类的训练。",
        ).fill(name=FAMILIES[name].label, way=way)
    )
