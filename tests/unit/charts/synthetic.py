"""Histories that look like real runs, made without training: for tests of the charts and for looking at them."""

import base64
import struct
import zlib
from typing import Any

import numpy as np

from metaplay.charts.skeletons import SKELETONS
from metaplay.config import RunConfig, defaults, revise
from metaplay.events import Probe, ProbeTask, Progress, RunStarted
from metaplay.history import History
from metaplay.registry import FAMILIES

Rng = np.random.Generator


def run(algorithm: str, family: str, steps: int, seed: int = 0, **values: Any) -> History:
    """A history of `steps` meta-steps of an algorithm on a family, with a probe after 0, 1, 2, 4, ... and every 2 % of them."""
    rng = np.random.default_rng(seed)
    config = revise(defaults(algorithm, family), values)
    history = History().add(
        [RunStarted(at=1.0, config=config.model_dump(), device="cpu", threads=1, versions={}, parameters=1)]
    )
    kind = FAMILIES[family].kind
    classify = kind == "classification"
    history.add(
        [
            ProbeTask(goal=[0.3, 0.6] if family == "pendulum" else [0.3, -0.4], oracle=-0.6)
            if kind == "control"
            else _sentences(config.way)
            if FAMILIES[family].text
            else _characters(config.way, rng)
            if classify
            else _wave(rng)
        ]
    )
    moments = sorted({0, *(2**k for k in range(20) if 2**k <= steps), *range(0, steps + 1, max(1, steps // 50)), steps})
    make = {"classification": _class_probe, "regression": _wave_probe, "control": _path_probe}[kind]
    probes = [make(history, step, config.test_inner_steps, config.way, rng) for step in moments]
    history.add([probe.model_copy(update=_more(config, probe) | _answers(history, probe)) for probe in probes])
    return history.add([_progress(steps, classify, rng)]) if steps else history


def _more(config: RunConfig, probe: Probe) -> dict[str, Any]:
    """What is measured beside losses and accuracies: rates, layers that move the more the later they come, orders, cost."""
    walk = np.asarray(probe.inner_steps, float)
    layers = ("layer1", "layer2", "head")
    return {
        "rates": _rates(config, probe.step),
        "layer_change": {name: (0.02 * 4**row * (1 - 0.7**walk)).tolist() for row, name in enumerate(layers)},
        "order_cosine": 1 - 0.3 * probe.step / (probe.step + 300),
        "step_seconds": 0.02 if probe.step else None,
        "memory": 700_000_000,
    }


def _rates(config: RunConfig, step: int) -> dict[str, list[float]]:
    """Inner rates that drift apart as the run goes on, one of them below zero in the end; none where none are learned."""
    if not config.lslr:
        return {}
    drift, steps = 1.5 * step / (step + 300), np.arange(config.inner_steps)
    names = ("layer1.weight", "layer1.bias", "head.weight", "head.bias")
    return {name: (config.inner_lr * (1 + drift * np.cos(steps + row))).tolist() for row, name in enumerate(names)}


def untyped(figure: Any) -> Any:
    """A plotly figure without its types, which know nothing of traces and layouts."""
    return figure


def _progress(steps: int, classify: bool, rng: Rng) -> Progress:
    time = np.arange(1, steps + 1)
    noise = np.exp(0.25 * rng.standard_normal((2, steps)))
    before = (1.7 if classify else 4.0) * noise[0]
    after = ((0.1 if classify else 0.25) + (1.5 if classify else 3.0) / (1 + time / 150)) * noise[1]
    accuracy = {}
    if classify:
        right = np.clip(1 - 0.75 / (1 + time / 150) - 0.02 + 0.04 * rng.standard_normal(steps), 0, 1)
        accuracy = {"metric_before": (0.2 + 0.02 * rng.standard_normal(steps)).tolist(), "metric_after": right.tolist()}
    ones = [1.0] * steps
    return Progress(
        step=time.tolist(),
        meta_loss=after.tolist(),
        loss_before=before.tolist(),
        loss_after=after.tolist(),
        outer_lr=ones,
        grad_norm=ones,
        seconds=1.0,
        tasks_per_second=1.0,
        **accuracy,
    )


def _wave(rng: Rng) -> ProbeTask:
    x, points = np.linspace(-5, 5, 101), rng.uniform(-5, 5, 10)
    return ProbeTask(
        grid_x=x.tolist(),
        truth_y=(3.4 * np.sin(x - 0.8)).tolist(),
        support_x=points.tolist(),
        support_y=(3.4 * np.sin(points - 0.8)).tolist(),
        regions=np.linspace(-5, 5, 11).tolist(),
    )


def _wave_probe(history: History, step: int, inner: int, way: int, rng: Rng) -> Probe:
    del way
    assert history.task
    x, truth = np.asarray(history.task.grid_x), np.asarray(history.task.truth_y)
    skill = 0.92 * (1 - 1 / (1 + step / 300))
    at = _measured(inner)
    left = (1 - skill) ** np.minimum(at, 3) * 0.93 ** np.asarray(at)
    loss = 4.2 * left
    start = 0.3 * np.sin(0.5 * x + rng.uniform(0, 6))
    edges = 1 + (np.linspace(-1, 1, 10)) ** 2
    return Probe(
        step=step,
        tasks=100,
        inner_steps=at,
        loss=loss.tolist(),
        loss_ci95=(0.12 * loss + 0.02).tolist(),
        curve_steps=at,
        curves=[(truth + left[i] * (start - truth)).tolist() for i in range(len(at))],
        region_error=[(value * edges).tolist() for value in loss],
    )


def _path_probe(history: History, step: int, inner: int, way: int, rng: Rng) -> Probe:
    del way
    assert history.task
    assert history.config
    goal, at = np.asarray(history.task.goal), _measured(inner)
    skill = 1 - 1 / (1 + step / 30)
    near = skill * (1 - 0.2 ** np.asarray(at, float))
    walk = np.linspace(0, 1, 40)[:, None]
    paths = [
        [share * walk * goal + 0.1 * rng.standard_normal((40, 2)).cumsum(0) / 6 for _ in range(3)] for share in near
    ]
    loss = 40 - 38 * near
    probe = Probe(step=step, tasks=20, inner_steps=at, loss=loss.tolist(), loss_ci95=(0.1 * loss).tolist())
    if history.config.family in SKELETONS:
        return probe.model_copy(update={"poses": [_run(share, rng) for share in near]})
    drawn = {f"path_{axis}": [[path[:, k].tolist() for path in few] for few in paths] for k, axis in enumerate("xy")}
    return probe.model_copy(update=drawn)


def _run(speed: float, rng: Rng) -> list[list[float]]:
    """101 poses of a body that goes along and shakes its joints."""
    poses = 0.2 * rng.standard_normal((101, 9))
    poses[:, 0] = 0.1 * speed * np.arange(101)
    return poses.round(3).tolist()


def _measured(inner: int) -> list[int]:
    """The inner steps that are measured: all of a few, else some."""
    return (
        list(range(inner + 1))
        if inner <= 12
        else sorted({0, 1, 2, *np.linspace(3, inner, 10).round().astype(int).tolist()})
    )


def _characters(way: int, rng: Rng) -> ProbeTask:
    return ProbeTask(pictures=[_picture(rng) for _ in range(way)], names=[f"Futurama {i + 1}" for i in range(way)])


def _sentences(way: int) -> ProbeTask:
    names = [f"intent {i + 1}" for i in range(way)]
    told = [f"A sentence about {name}." for name in names]
    return ProbeTask(names=names, support=told, queries=told, truth=list(range(way)), floor=0.6)


def _answers(history: History, probe: Probe) -> dict[str, Any]:
    assert history.task
    truth = history.task.truth
    return {"answers": [truth for _ in probe.inner_steps]} if truth else {}


def _class_probe(history: History, step: int, inner: int, way: int, rng: Rng) -> Probe:
    del history
    skill = 1 - 1 / (1 + step / 150)
    at = _measured(inner)
    walk = np.asarray(at, float)
    right = 1 / way + (0.97 - 1 / way) * skill * (1 - 0.25**walk) + 0.1 * (1 - 0.7**walk) * (1 - skill)
    tilt = rng.uniform(-0.15, 0.1, (1, way))
    per_class = np.clip(right[:, None] + tilt * (walk[:, None] > 0), 0, 1)
    counts = np.full((way, way), 0)
    for label in range(way):
        hits = round(10 * float(per_class[-1, label]))
        counts[label, label], counts[label, (label + 1) % way] = hits, 10 - hits
    loss = -np.log(np.clip(right, 1e-3, 1))
    return Probe(
        step=step,
        tasks=100,
        inner_steps=at,
        loss=loss.tolist(),
        loss_ci95=(0.1 * loss).tolist(),
        accuracy=right.tolist(),
        accuracy_ci95=(0.03 + 0 * right).tolist(),
        class_accuracy=per_class.tolist(),
        confusion=counts.tolist(),
    )


def _picture(rng: Rng) -> str:
    """A 28x28 grey PNG, black pen strokes on white, as a data URI."""
    image = np.full((28, 28), 255, np.uint8)
    grid = np.moveaxis(np.mgrid[0:28, 0:28], 0, -1)
    for _ in range(3):
        a, b, c = rng.uniform(4, 24, (3, 2))
        for t in np.linspace(0, 1, 40):
            point = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
            image[np.hypot(*np.moveaxis(grid - point, -1, 0)) < 1.2] = 0
    raw = b"".join(b"\0" + row.tobytes() for row in image)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return "data:image/png;base64," + base64.b64encode(data).decode()
