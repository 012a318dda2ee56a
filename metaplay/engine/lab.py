"""What the adaptation lab asks: how a run adapts to one test task, step by step, and the loss around its way. On the torch side."""

from collections import deque
from contextlib import nullcontext
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.algorithms.inner import whole
from metaplay.algorithms.policy_gradient.learners import PolicyLearner
from metaplay.config import applicable, revise
from metaplay.engine.acted import acted
from metaplay.engine.restoring import restored
from metaplay.engine.store import RunStore
from metaplay.environments import ControlFamily, Environments
from metaplay.episodes import CurveFamily, Episodes, TaskFamily, WordedFamily
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.tasks.reading import reader
from metaplay.text import Text, UserError
from metaplay.training import Training
from metaplay.training.device import one_thread
from metaplay.training.influence import weighed
from metaplay.training.probe import image_queries, picture
from metaplay.training.projection import principal
from metaplay.training.surface import support_losses, through
from metaplay.training.walk import Walk, walk
from metaplay.walks import Array, CurveWalk, Examples, ImageWalk, PolicyWalk, Slice, Walked

BEYOND = 10
"""Inner steps that are shown beyond those of the test."""
SCRATCH = "scratch"
"""What is compared with where it is no run: the same network, freshly initialised."""
GRID = 41
"""Places on each side of a slice."""

CURVE_POINTS, CURVES = 101, 500
_MARGIN, _MARGIN_ABOVE = 0.3, 1.2
_NEAR = 3
"""Weights that run away further than so many times the triangle of the plane's points are out of the picture."""
_SAME = ("family", "way", "hold_out", "protocol")
"""What two runs must share so that one can be asked about the other's tasks."""

Points = list[tuple[float, float]]


def walked(
    store: RunStore, run: str, step: int | None, seed: int, points: Points | None = None, compared: str | None = None
) -> Walked:
    """A run after `step` meta-steps (None: as it was last) adapts to task `seed`, BEYOND more steps than at its test.

    `points` take the place of the support set of a curve, or the first of them that of the goal in a plane. With `compared`,
    another run as it was last (or SCRATCH) does it on that task of this run's. Raises UserError where one of them is not kept, or
    has other tasks.
    """
    training = restored(store, run, step)
    learner = _compared(store, training, compared) if compared else training.learner
    kind = FAMILIES[training.config.family].kind
    with nullcontext() if kind == "classification" else one_thread():  # small tensors
        if kind == "control":
            return _acted(learner, training, seed, points[0] if points else None)
        episode = with_points(episodes(training, seed)[:1], points)
        found = walk(learner, episode, last_step(learner))
        if kind == "regression":
            return _curves(learner, training, episode, found)
        return _images(learner, training.family, episode, found)


def sliced(store: RunStore, run: str, step: int | None, seed: int, points: Points | None = None) -> Slice:
    """The loss around the way that `walked` takes; the other task is one more of the same seed.

    Raises UserError for an algorithm whose weights stay as they are.
    """
    training = restored(store, run, step)
    learner, tasks = training.learner, episodes(training, seed)
    if not learner.adapted:
        raise UserError(
            Text(
                "{algorithm} moves no weights: it has no path to draw.",
                "{algorithm} 不移动任何权重：没有路径可画。",
            ).fill(algorithm=ALGORITHMS[learner.config.algorithm].label)
        )
    task, tested = with_points(tasks[:1], points), learner.test_steps
    way = [whole(learner.model, weights) for weights in learner.adapt(task, last_step(learner))]
    another = whole(learner.model, deque(learner.adapt(tasks[1:], tested), maxlen=1).pop())
    plane = through(learner, way[0], way[tested], another)
    path = np.array([plane.place(weights) for weights in way])
    across, up, _ = plane.place(another)
    if not np.isfinite([*path[tested], across, up]).all():
        raise UserError(
            Text(
                "The weights stop being numbers on this task: there is no plane through them; choose another moment or task.",
                "在这个任务上权重变成了无效数值，无法取平面：请换一个时刻或任务。",
            )
        )
    x = _side(path[:, 0], path[tested, 0], across)
    y = _side(path[:, 1], path[tested, 1], up)
    grid_y, grid_x = torch.meshgrid(torch.from_numpy(y), torch.from_numpy(x), indexing="ij")
    places = (part.flatten().to(plane.origin) for part in (grid_x, grid_y))
    loss = support_losses(learner, task, plane, *places, step=tested)
    return Slice(x, y, _plain(loss.view(GRID, GRID)), path, tested, (across, up))


def episodes(training: Training, seed: int) -> Episodes:
    """Two test tasks of the run's family, always the same for a seed."""
    config = training.config
    rng = Generator(training.device).manual_seed(seed)
    query = image_queries(config) if training.family.kind == "classification" else config.query
    return training.family.sample("test", 2, config.shot, query, rng)


def with_points(task: Episodes, points: Points | None) -> Episodes:
    """The task with these points of a curve as its support set."""
    if not points:
        return task
    x, y = torch.tensor(points).to(task.support_x).T.reshape(2, 1, -1, 1)
    return replace(task, support_x=x, support_y=y)


def last_step(learner: Learner) -> int:
    """The last inner step that is shown."""
    return learner.test_steps + (BEYOND if learner.adapted else 0)


def _compared(store: RunStore, training: Training, compared: str) -> Learner:
    if compared == SCRATCH:
        return _fresh(training)
    other = restored(store, compared)
    for name in _SAME:
        ours, theirs = getattr(training.config, name), getattr(other.config, name)
        if ours != theirs:
            raise UserError(
                Text(
                    "Run {run} is trained for other tasks ({name} = {theirs}, here {ours}): compare with one of the same.",
                    "训练 {run} 针对的是其他任务（{name} = {theirs}，这里为 {ours}）：请与任务相同的训练比较。",
                ).fill(run=compared, name=name, ours=ours, theirs=theirs)
            )
    return other.learner


def _fresh(training: Training) -> Learner:
    config = revise(training.config, {"algorithm": SCRATCH})
    return load(ALGORITHMS[SCRATCH], training.family.kind)(config, training.family, training.device)


def _acted(learner: Learner, training: Training, seed: int, goal: tuple[float, float] | None) -> PolicyWalk:
    task = cast("Environments", episodes(training, seed)[:1])
    return acted(cast("PolicyLearner", learner), cast("ControlFamily", training.family), task, seed, goal)


def _curves(learner: Learner, training: Training, task: Episodes, found: Walk) -> CurveWalk:
    family = cast("CurveFamily", training.family)
    grid = torch.linspace(*family.interval, CURVE_POINTS, device=training.device).view(1, -1, 1)
    with torch.no_grad():
        fits = [learner.model.forward(fast, grid, k)[0].flatten() for k, fast in enumerate(found.fast)]
    assert task.latent is not None
    support, query = (
        torch.cat(pair, -1)[0] for pair in ((task.support_x, task.support_y), (task.query_x, task.query_y))
    )
    return CurveWalk(
        *_measured(learner, found),
        grid=_plain(grid.flatten()),
        truth=_plain(family.curve(task.latent, grid).flatten()),
        curves=_plain(torch.stack(fits)),
        support=_plain(support),
        query=_plain(query),
        reach=_reach(family, training.device),
    )


def _reach(family: CurveFamily, device: torch.device) -> float:
    """A little more than the highest of many curves."""
    many = family.sample("train", CURVES, 1, CURVE_POINTS, Generator(device).manual_seed(0))
    return _MARGIN_ABOVE * many.query_y.abs().max().item()


def _images(learner: Learner, family: TaskFamily, task: Episodes, found: Walk) -> ImageWalk:
    assert task.classes is not None
    plane = principal(torch.cat((found.support_features[0, 0], found.query_features[0, 0])))

    def examples(x: Tensor, y: Tensor, outputs: Tensor, features: Tensor, numbers: Tensor | None) -> Examples:
        return Examples(
            pictures=[picture(image) for image in x[0]] if numbers is None else [],
            sentences=[] if numbers is None else cast("WordedFamily", family).sentences(numbers[0]),
            labels=y[0].cpu().numpy(),
            probabilities=_plain(outputs[:, 0].softmax(-1)),
            places=_plain(plane.place(features[:, 0])),
        )

    query = examples(task.query_x, task.query_y, found.query, found.query_features, task.query_numbers)
    if FAMILIES[learner.config.family].readable:
        read = reader(learner.config)
        query = replace(query, weighed=weighed(learner, task, read, query.sentences, len(found.fast) - 1))
    return ImageWalk(
        *_measured(learner, found),
        names=family.class_names("test", task.classes[0]),
        support=examples(task.support_x, task.support_y, found.support, found.support_features, task.support_numbers),
        query=query,
        explained=plane.explained,
    )


def _measured(learner: Learner, found: Walk) -> tuple[str, int | None, int, Array, Array]:
    """What every `Walked` begins with."""
    config = learner.config
    trained = config.inner_steps if "inner_steps" in applicable(config) else None
    support, query = _plain(found.support_loss[:, 0]), _plain(found.query_loss[:, 0])
    return config.algorithm, trained, learner.test_steps, support, query


def _side(places: Array, end: float, other: float) -> Array:
    """Where the lines of a slice cross one axis: it shows the three points of the plane and the path near them, with a margin."""
    corners = np.array([0.0, end, other])
    span = max(np.ptp(corners), 1e-6)
    near = places[np.isfinite(places) & (np.abs(places - corners.mean()) < _NEAR * span)]
    low, high = (extreme(np.append(near, corners)) for extreme in (np.min, np.max))
    margin = _MARGIN * max(high - low, 1e-6)
    return np.linspace(low - margin, high + margin, GRID)


def _plain(values: Tensor) -> Array:
    return values.detach().double().cpu().numpy()
