"""How much memory training takes, told from the configuration alone: counted on paper, with a few factors that were measured.

What is counted are the tensors that are held when most are: those of the inner steps' graph, and those of the query set. All
of them are of the size of the activations or of the weights of the tasks that are worked on together. How many of each there
are was found by measuring (`tests/unit/training/test_memory.py` does it again).
"""

import math
from typing import Any

from metaplay.config.checks import applicable
from metaplay.config.chunks import tasks_at_once
from metaplay.config.flops import FIXED, LAYERS, MLPS, examples, mlp_ends
from metaplay.config.run import RunConfig, control
from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS
from metaplay.text import Text

BYTES = 4
PLAIN, ONCE, KEPT, BACK = 3.25, 4.0, 2.5, 6.0
"""Tensors of the size of all activations of a set of examples: in a pass forwards and backwards where nothing adapts, in one where
something does, what a second-order inner step leaves in the graph, and what comes and goes on the way back through one of them."""
STEP_WEIGHTS, ORDINARY_WEIGHTS, OUTER_WEIGHTS = 3.0, 6.0, 6.0
"""Copies of a task's adapted weights: in the graph of an inner step, and in a step of first order. And of all weights, for their
gradients and the outer step."""
CONVOLVING, OTHERWISE = 33_000_000, 5_000_000
"""Bytes of the libraries' own: what they work on convolutions in, and what else."""
EVALUATED, PROBES = 20, 50
"""Tasks of classes that are tested together (metaplay.training.fixed), about as many as are probed; and probe tasks of curves."""
BUCKETS, TOKENS = 2**14, 40
"""Rows of the text encoder's table (metaplay.models.ngrams), and about how many n-grams a sentence has."""
_HELPFUL = 0.85
"""A change helps that leaves at most this share of the memory."""
_LOWERED = ("meta_batch", "inner_steps", "width", "way", "shot", "query", "train_shot", "train_way")
_LOWER = Text("lower {names}", "减小{names}")
_SWITCH = Text("switch on {name}", "打开“{name}”")
_NO_ROOM = Text("There was not enough memory for this run: {advice}.", "内存不足，无法完成这次训练：请{advice}。")


def training_memory(config: RunConfig, device: str = "cpu") -> int:
    """Bytes that a run holds at most beyond what a process that is ready to train holds: in a meta-step, or in a test."""
    return max(step_memory(config, device), evaluation_memory(config))


def step_memory(config: RunConfig, device: str = "cpu") -> int:
    """Bytes that a meta-step holds at most."""
    algorithm, (support, query) = ALGORITHMS[config.algorithm], examples(config)
    if not algorithm.meta_trains:
        return 0
    fixed = _own(config) / BYTES + OUTER_WEIGHTS * _weights(config)
    tasks = tasks_together(config, device)
    if not algorithm.inner_gradients:
        return BYTES * int(fixed + tasks * (support + query) * PLAIN * _activations(config))
    held = min(config.inner_batch or support, support)
    return BYTES * int(fixed + tasks * _adapting(config, held, query))


def evaluation_memory(config: RunConfig) -> int:
    """Bytes that a probe, or the test at a run's end, holds at most; its inner steps are of first order."""
    family = FAMILIES[config.family]
    ways = config.way if family.kind == "classification" else family.horizon
    tasks = EVALUATED if ways > 1 else max(config.eval_tasks, PROBES)
    adapting = ONCE / 2 if config.algorithm == "protonet" else ONCE  # which only goes forwards
    held = _activations(config) * ways * max(adapting * config.shot, ONCE / 2 * config.query)
    return _own(config) + BYTES * int(tasks * (held + ORDINARY_WEIGHTS * _adapted(config)))


def tasks_together(config: RunConfig, device: str = "cpu") -> int:
    """Tasks of the meta-batch that are worked on together; joint training has no chunks, as its normalisation goes over all. Of
    policies, those whose graphs are kept for the products of the trust region (metaplay.algorithms.policy_gradient.meta)."""
    if FAMILIES[config.family].kind == "control":
        return min(config.meta_batch, 2 * -(-config.meta_batch // 8))
    if config.algorithm == "joint":
        return config.meta_batch
    support, query = examples(config)
    held = config.inner_batch or support + query
    return min(config.meta_batch, tasks_at_once(config, held, _size(config), device))


def no_room(config: RunConfig) -> Text:
    """What is said of a run that memory did not suffice for."""
    return _NO_ROOM.fill(advice=advice(config))


def advice(config: RunConfig) -> Text:
    """What to change of a configuration that needs too much memory: whatever makes a difference, by this module's own count."""
    enough, names = _HELPFUL * training_memory(config), applicable(config)
    tried: dict[str, Any] = {"recompute": True} | {name: getattr(config, name) // 2 or 1 for name in _LOWERED}
    helpful = [
        name
        for name, value in tried.items()
        if name in names and training_memory(config.model_copy(update={name: value})) <= enough
    ]
    said = [_SWITCH.fill(name=control("recompute").label)] if "recompute" in helpful else []
    lower = [control(name).label for name in helpful if name != "recompute"][:3]
    if lower or not said:
        said.append(_one_of(lower or [control("width").label]))
    return Text(", or ".join(text.en for text in said), "，或".join(text.zh for text in said))


def _one_of(labels: list[Text]) -> Text:
    *others, last = labels
    en = " or ".join(filter(None, (", ".join(label.en for label in others), last.en)))
    zh = "或".join(filter(None, ("、".join(f"“{label.zh}”" for label in others), f"“{last.zh}”")))
    return _LOWER.fill(names=Text(en, zh))


def _adapting(config: RunConfig, support: int, query: int) -> float:
    """Floats that a task's adaptation and judgement hold at most in a meta-step."""
    all_of, weights = _activations(config), _adapted(config)
    ordinary = ONCE * all_of * max(support, query) + ORDINARY_WEIGHTS * weights
    if ALGORITHMS[config.algorithm].inner_gradients == 1:
        return ordinary
    step = KEPT * _graph(config) * support + STEP_WEIGHTS * weights
    back = BACK * _graph(config) * support
    if config.recompute:
        return max(ordinary, step + back) + config.inner_steps * weights
    judged = config.inner_steps if config.msl else 1  # the graphs of all but the last wait meanwhile
    return config.inner_steps * step + max(back, ONCE * all_of * query) + (judged - 1) * ONCE / 2 * all_of * query


def _own(config: RunConfig) -> int:
    own = CONVOLVING if NETWORKS[config.network].norm else OTHERWISE
    if config.network == "ngrams":
        own += BYTES * BUCKETS * FIXED  # the fixed vectors
    return own * 3 // 2 if config.recompute else own  # passes of both orders, each with what the libraries keep for it


def _graph(config: RunConfig) -> float:
    """Floats of activations, an example, that stay in the graph of an inner step: ANIL's inner gradient is the head's alone."""
    return _activations(config) * (0.5 if config.algorithm == "anil" else 1.0)


def _size(config: RunConfig) -> int:
    """Floats of an example."""
    if config.network in MLPS:
        return mlp_ends(config)[0]
    return 2 * TOKENS if config.network == "ngrams" else math.prod(FAMILIES[config.family].shape)


def _activations(config: RunConfig) -> float:
    """Floats of all layers' outputs, an example; of a convolution those before it shrinks, and the patches of the image."""
    width = config.width
    if config.network in MLPS:
        return 2 * width
    if config.network == "ngrams":
        return 2 * FIXED + 4 * width
    channels, side, _ = FAMILIES[config.family].shape
    total = 0
    for layer in range(LAYERS):
        shrunk = side // 2 if config.network == "conv4-pool" else (side + 1) // 2
        pixels = side**2 if config.network == "conv4-pool" else shrunk**2
        total += pixels * (width + (9 * channels if layer == 0 else 0))
        side = shrunk
    return total


def _weights(config: RunConfig) -> int:
    """All weights of the network."""
    width = config.width
    if config.network in MLPS:
        inputs, outputs = mlp_ends(config)
        return width * (inputs + width + outputs)
    if config.network == "ngrams":
        return BUCKETS * width + 2 * width**2 + (FIXED + width) * config.way
    return 9 * width * (FAMILIES[config.family].shape[0] + (LAYERS - 1) * width) + width * config.way


def _moved_rows(config: RunConfig) -> int:
    """Of the text encoder's table, which tasks share: the rows that ordinary training moves, and where they stand."""
    if config.algorithm not in ("reptile", "joint", "scratch"):
        return 0
    return min(BUCKETS, TOKENS * examples(config)[0]) * config.width + 2 * BUCKETS


def _adapted(config: RunConfig) -> int:
    """The weights that each task has of its own."""
    if config.algorithm == "cavia":
        return config.context
    classes = mlp_ends(config)[1] if config.network in MLPS else config.way
    head = (FIXED + config.width if config.network == "ngrams" else config.width) * classes
    if config.algorithm == "anil":
        return head
    if config.network == "ngrams":
        return 2 * config.width**2 + head + _moved_rows(config)
    return _weights(config)
