"""The memory that the form predicts, against what real meta-steps take in processes of their own."""

import os

import pytest

from benchmarks.memory import measured
from metaplay.config import RunConfig, advice, defaults, revise, step_memory, training_memory
from metaplay.config.memory import no_room

FACTOR = 1.5
SLACK = 4_000_000
"""Bytes by which the allocator may round, whatever the size."""


def strokes(algorithm: str = "maml", **changes: object) -> RunConfig:
    return revise(defaults(algorithm, "strokes"), {"test_inner_steps": 20, "meta_batch": 4, **changes})


CONFIGS = {
    "maml": strokes(inner_steps=2),
    "more steps": strokes(inner_steps=8),
    "recomputed": strokes(inner_steps=8, recompute=True),
    "more tasks than fit a chunk": strokes(inner_steps=2, meta_batch=40),
    "max-pool": strokes(network="conv4-pool", inner_steps=4),
    "max-pool, wide, 5 shots": strokes(network="conv4-pool", inner_steps=3, width=64, shot=5),
    "max-pool, wide, 5 shots, recomputed": strokes(network="conv4-pool", inner_steps=3, width=64, shot=5, recompute=True),
    "fomaml": strokes("fomaml", network="conv4-pool", inner_steps=3),
    "mamlpp": strokes("mamlpp", network="conv4-pool", inner_steps=3),
    "anil": strokes("anil", network="conv4-pool", inner_steps=3),
    "reptile": strokes("reptile", network="conv4-pool"),
    "joint": revise(defaults("joint", "strokes"), {"network": "conv4-pool"}),
}  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="measured in forked processes")
def test_the_prediction_holds_within_its_factor():
    found = dict(zip(CONFIGS, measured([*CONFIGS.values()]), strict=True))
    wrong = {
        name: (round(predicted / 1e6), round(real / 1e6))
        for name, real in found.items()
        if not real / FACTOR - SLACK < (predicted := step_memory(CONFIGS[name])) < real * FACTOR + SLACK
    }
    assert not wrong, f"(predicted, measured) MB: {wrong}"


def test_the_meta_batch_grows_at_constant_memory_and_inner_steps_with_recomputing_nearly():
    assert step_memory(strokes(meta_batch=256)) == step_memory(strokes(meta_batch=32))
    pool = {"network": "conv4-pool"}
    few, many = (step_memory(strokes(inner_steps=steps, recompute=True, **pool)) for steps in (2, 20))
    assert many < 1.2 * few
    few, many = (step_memory(strokes(inner_steps=steps, **pool)) for steps in (2, 20))
    assert many > 2.5 * few


def test_the_advice_names_what_would_make_a_difference():
    assert advice(strokes(inner_steps=20, network="conv4-pool")).en == (
        "switch on Recompute inner steps, or lower Meta-batch, Inner steps or Width"
    )
    assert "Recompute" not in advice(strokes(inner_steps=20, recompute=True)).en
    assert "Meta-batch" in advice(revise(defaults("joint", "strokes"), {"meta_batch": 256})).en
    said = no_room(strokes(inner_steps=20))
    assert said.en.startswith("There was not enough memory for this run: switch on Recompute inner steps")
    assert said.zh.startswith("内存不足")


def test_a_run_needs_what_its_test_needs_too():
    config = strokes(inner_steps=1, meta_batch=1, query=15, recompute=True)
    assert training_memory(config) > step_memory(config)
