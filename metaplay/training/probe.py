"""The probe tasks: fixed held-out tasks that are watched while training goes on. Nothing is learned from them."""

from dataclasses import replace
from typing import cast

import torch
from torch import Tensor

from metaplay.algorithms.base import Learner
from metaplay.algorithms.maml import Maml
from metaplay.algorithms.orders import order_cosine
from metaplay.config import RunConfig
from metaplay.environments import ControlFamily
from metaplay.episodes import CurveFamily, Episodes, TaskFamily, WordedFamily
from metaplay.events import Probe, ProbeTask
from metaplay.models.base import Params
from metaplay.registry import FAMILIES
from metaplay.tasks.picture import picture as png
from metaplay.training.acting import PathProbe
from metaplay.training.evaluate import measure
from metaplay.training.fixed import fixed_tasks, mean_ci95, rounded
from metaplay.training.layers import LayerChange

IMAGE_TASKS, CURVE_TASKS = 16, 50
IMAGE_QUERIES = 50
"""Queries of an image task in all, as far as there are images; but at least LEAST_QUERIES a class."""

LEAST_QUERIES = 5
ORDER_TASKS = 25
"""Curve tasks over which the two orders of the meta-gradient are compared."""
GRID_POINTS, REGIONS = 61, 10
SHOWN_STEPS = 12
"""At most about so many inner steps of a long adaptation are measured and drawn."""


class ProbeTasks:
    """The probe tasks of a run, adapted for `steps` inner steps; the first of them is the watched one."""

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device, steps: int):
        self.steps = steps
        self.config, self.family = config, family
        self.images, self.text = family.kind == "classification", FAMILIES[config.family].text
        tasks = IMAGE_TASKS if self.images else CURVE_TASKS
        query = image_queries(config) if self.images else max(config.query, 25)
        self.parts = list(fixed_tasks(config, family, "val", tasks, query, device))
        self.watched = self.parts[0][:1]
        # Two more meta-gradients are costly: no more tasks than these, of images with no more queries than in training.
        self.batch = _with_queries(self.parts[0], config) if self.images else self.parts[0][:ORDER_TASKS]
        self.inner_steps = shown_steps(steps, config.inner_steps)
        if not self.images:
            self.curves = cast("CurveFamily", family)
            self.grid = torch.linspace(*self.curves.interval, GRID_POINTS, device=device).view(1, -1, 1)

    def task(self) -> ProbeTask:
        """What is drawn of the watched task."""
        if self.text:
            return self._text_task()
        return self._image_task() if self.images else self._curve_task()

    def run(self, learner: Learner, step: int) -> Probe:
        """Adapt to every probe task and measure."""
        layers, watched = LayerChange(learner), list[Params]()

        def see(fast: Params) -> None:
            layers.see(fast)
            watched.append(_first_task(learner, fast))

        results = [
            measure(learner, part, self.steps, self.inner_steps, None if number else see)
            for number, part in enumerate(self.parts)
        ]
        losses = torch.cat([measured.loss for measured, _ in results], 1)
        loss, loss_ci95 = mean_ci95(losses)
        probe = Probe(
            step=step,
            tasks=sum(part.tasks for part in self.parts),
            inner_steps=self.inner_steps,
            loss=rounded(loss),
            loss_ci95=rounded(loss_ci95),
            rates={name: rounded(rates) for name, rates in learner.learned_rates().items()},
            layer_change={name: rounded(changes) for name, changes in layers.means().items()},
            order_cosine=self._order_cosine(learner, step),
            per_task=rounded(losses[-1].tolist()),
        )
        if self.images:
            accuracy = torch.cat([measured.accuracy for measured, _ in results if measured.accuracy is not None], 1)
            return self._with_classes(probe, accuracy, torch.stack([output[0] for output in results[0][1]]))
        return self._with_curves(probe, learner, watched, torch.stack(results[0][1]))

    def _order_cosine(self, learner: Learner, step: int) -> float | None:
        if not isinstance(learner, Maml):
            return None
        return rounded([order_cosine(learner, self.batch, step)])[0]

    def _image_task(self) -> ProbeTask:
        task, way = self.watched, self.config.way
        assert task.classes is not None
        shot = task.support_x.shape[1] // way
        return ProbeTask(
            pictures=[picture(task.support_x[0, label * shot]) for label in range(way)],
            names=self.family.class_names("val", task.classes[0]),
        )

    def _text_task(self) -> ProbeTask:
        task, family = self.watched, cast("WordedFamily", self.family)
        assert task.classes is not None
        assert task.support_numbers is not None
        assert task.query_numbers is not None
        return ProbeTask(
            names=family.class_names("val", task.classes[0]),
            support=family.sentences(task.support_numbers[0]),
            queries=family.sentences(task.query_numbers[0]),
            truth=task.query_y[0].tolist(),
            floor=rounded([torch.cat([family.floor(part) for part in self.parts]).mean().item()])[0],
        )

    def _curve_task(self) -> ProbeTask:
        task = self.watched
        assert task.latent is not None
        return ProbeTask(
            grid_x=rounded(self.grid.flatten().tolist()),
            truth_y=rounded(self.curves.curve(task.latent, self.grid).flatten().tolist()),
            support_x=rounded(task.support_x.flatten().tolist()),
            support_y=rounded(task.support_y.flatten().tolist()),
            regions=torch.linspace(*self.curves.interval, REGIONS + 1).tolist(),
        )

    def _with_classes(self, probe: Probe, accuracy: Tensor, outputs: Tensor) -> Probe:
        """Adds accuracy over the tasks [steps, T], and of the watched task, from its outputs [steps, Q, way], the classes."""
        mean, ci95 = mean_ci95(accuracy)
        way, truth = self.config.way, self.watched.query_y[0]
        predicted = outputs.argmax(-1)
        right = (predicted == truth).double()
        members = torch.nn.functional.one_hot(truth, way).double()
        per_class = right @ members / members.sum(0)
        confusion = torch.bincount(truth * way + predicted[-1], minlength=way * way).view(way, way)
        return probe.model_copy(
            update={
                "accuracy": rounded(mean),
                "accuracy_ci95": rounded(ci95),
                "per_task": rounded(accuracy[-1].tolist()),
                "class_accuracy": [rounded(row) for row in per_class.tolist()],
                "confusion": confusion.tolist(),
                "answers": predicted.tolist() if self.text else [],
            }
        )

    def _with_curves(self, probe: Probe, learner: Learner, watched: list[Params], outputs: Tensor) -> Probe:
        """Adds the fitted curves of the watched task, from its weights after each measured step, and the error by region of x
        over all tasks, from their outputs [steps, T, Q, 1]."""
        curves = [
            learner.model.forward(fast, self.grid, k)[0].flatten().tolist()
            for k, fast in zip(self.inner_steps, watched, strict=True)
        ]
        queries = self.parts[0]
        error = (outputs - queries.query_y).square().flatten(1).double()  # [steps, T * Q]
        low, high = self.curves.interval
        region = ((queries.query_x.flatten() - low) / (high - low) * REGIONS).long().clamp(0, REGIONS - 1)
        members = torch.nn.functional.one_hot(region, REGIONS).double()
        per_region = error @ members / members.sum(0)
        return probe.model_copy(
            update={
                "curve_steps": self.inner_steps,
                "curves": [rounded(curve) for curve in curves],
                "region_error": [rounded(row) for row in per_region.tolist()],
            }
        )


Watched = ProbeTasks | PathProbe


def probe_tasks(config: RunConfig, family: TaskFamily, device: torch.device, steps: int) -> Watched:
    """The probe tasks of a run, by the kind of its family."""
    if family.kind == "control":
        return PathProbe(config, cast("ControlFamily", family), device, steps)
    return ProbeTasks(config, family, device, steps)


def shown_steps(steps: int, trained: int) -> list[int]:
    """Which inner steps of 0..steps are measured: all of a short adaptation; of a long one the first few, as many as in
    training, and then even strides."""
    if steps <= SHOWN_STEPS:
        return list(range(steps + 1))
    later = torch.linspace(3, steps, SHOWN_STEPS - 2).round().int().tolist()
    return sorted({0, 1, 2, trained, *later})


def image_queries(config: RunConfig) -> int:
    """Queries a class: enough to see its accuracy move, few enough to be quick."""
    left = FAMILIES[config.family].examples(config.hold_out) - config.shot
    return min(left, max(LEAST_QUERIES, IMAGE_QUERIES // config.way))


def _first_task(learner: Learner, fast: Params) -> Params:
    """The weights of the first of the tasks, [1, ...], as they are now."""
    shared = learner.params
    return {
        name: value[:1].detach() if name not in shared or value.dim() > shared[name].dim() else value.detach()
        for name, value in fast.items()
    }


def _with_queries(episodes: Episodes, config: RunConfig) -> Episodes:
    """The episodes with no more queries than in training: the first of each class."""

    def first(values: Tensor) -> Tensor:
        return values.unflatten(1, (config.way, -1))[:, :, : config.query].flatten(1, 2)

    return replace(episodes, query_x=first(episodes.query_x), query_y=first(episodes.query_y))


def picture(image: Tensor) -> str:
    """A PNG data URI of an image [1, H, W], or in colour [3, H, W], in 0..1: dark ink on white."""
    ink = (255 * image).round().byte().movedim(0, -1).cpu().numpy()
    return png(ink[..., 0] if len(image) == 1 else ink)
