"""What networks say of drawings is what their learners say; and the starting points that ship are good ones."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from torch import Generator

from metaplay.config import defaults, revise
from metaplay.engine.checkpoint import load_moment, save_checkpoint
from metaplay.engine.drawn import adapted, drawn, episode_of
from metaplay.engine.shipping import FOLDER, ship, shipped
from metaplay.engine.store import RunStore
from metaplay.text import UserError
from metaplay.training import train
from metaplay.ui.draw import game
from metaplay.ui.draw.starts import SHIPPED, SHIPPED_WAY
from tests.integration.engine.helpers import short

OWN = [*(f"shipped {name}" for name in SHIPPED), "scratch"]


def _trained(store: RunStore, algorithm: str) -> str:
    """A run of two meta-steps, kept."""
    config = revise(defaults(algorithm, "strokes"), {"steps": 2, "width": 8, "meta_batch": 2, "eval_tasks": 2})
    run = store.create(config)
    training = train(config)
    for _ in training:
        if training.step == 2:
            break
    save_checkpoint(store, run, training.snapshot())
    return run


@pytest.mark.parametrize("algorithm", ["maml", "reptile", "protonet", "mamlpp", "anil", "joint"])
def test_a_run_adapts_to_drawings_as_its_learner_does(tmp_path: Path, algorithm: str):
    store = RunStore(tmp_path)
    run = _trained(store, algorithm)
    training = train(revise(store.config(run), {"transductive": False}))
    training.learner.load_state(load_moment(store, run).tensors)
    episodes = training.family.sample("test", 1, 1, 2, Generator(training.device).manual_seed(0))
    support, queries = (
        part[0, :, 0].mul(255).round().byte().cpu().numpy() for part in (episodes.support_x, episodes.query_x)
    )
    told = drawn(store, [run], support, episodes.support_y[0].tolist(), queries)[run]
    with torch.no_grad():
        fast = list(training.learner.adapt(episodes, training.learner.test_steps))
        outputs = [training.learner.predict(weights, episodes, k)[0] for k, weights in enumerate(fast)]
    np.testing.assert_allclose(told, torch.stack(outputs).softmax(-1).cpu().numpy(), atol=1e-5)


@pytest.mark.parametrize("way", [2, 5])
def test_probabilities_add_up_and_no_query_depends_on_another(tmp_path: Path, way: int):
    dealt = game.deal(default_rng(0))
    support, labels = dealt.support[:way], list(range(way))
    together = drawn(RunStore(tmp_path), OWN, support, labels, dealt.queries)
    alone = drawn(RunStore(tmp_path), OWN, support, labels, dealt.queries[3:4])
    for start in OWN:
        assert together[start].shape[1:] == (10, way)
        np.testing.assert_allclose(together[start].sum(-1), 1, atol=1e-5)
        np.testing.assert_allclose(alone[start][:, 0], together[start][:, 3], atol=1e-5)


def test_what_was_adapted_is_kept_while_the_support_set_stays(tmp_path: Path):
    dealt, labels = game.deal(default_rng(1)), list(range(5))
    drawn(RunStore(tmp_path), OWN, dealt.support, labels, dealt.queries[:1])
    before = adapted.cache_info()
    kept = drawn(RunStore(tmp_path), OWN, dealt.support, labels, dealt.queries)
    assert adapted.cache_info().misses == before.misses
    relabelled = drawn(RunStore(tmp_path), OWN, dealt.support, labels[::-1], dealt.queries)
    assert adapted.cache_info().misses == before.misses + len(OWN)
    for start in OWN:
        assert not np.allclose(kept[start][-1], relabelled[start][-1], atol=0.1)


def test_what_ships_tells_new_characters_apart_and_scratch_does_not(tmp_path: Path):
    rounds = [game.deal(default_rng(seed)) for seed in range(20)]
    right = dict.fromkeys(OWN, 0)
    for dealt in rounds:
        told = drawn(RunStore(tmp_path), OWN, dealt.support, list(range(5)), dealt.queries)
        for start in OWN:
            right[start] += (told[start][-1].argmax(-1) == dealt.truth).sum()
    assert all(right[start] >= 180 for start in OWN if start != "scratch"), right  # of 200
    assert 60 < right["scratch"] < 160, right


def test_what_ships_is_small_and_tells_five_classes_apart():
    for name in SHIPPED:
        assert (FOLDER / f"{name}.safetensors").stat().st_size < 500_000
        assert shipped(name).meta["config"]["way"] == SHIPPED_WAY
        assert shipped(name).meta["config"]["transductive"] is False
        assert shipped(name).step == shipped(name).meta["config"]["steps"]


def test_shipping_a_run_keeps_what_adaptation_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("metaplay.engine.shipping.FOLDER", tmp_path / "shipped")
    store = RunStore(tmp_path)
    run = _trained(store, "reptile")
    assert ship(store, run) == tmp_path / "shipped" / "reptile.safetensors"
    names = set(shipped("reptile").tensors)
    assert {"params.conv1.weight", "square.conv1.weight", "square.taken"} <= names
    assert "rng" not in names


def test_a_network_with_too_few_outputs_or_no_images_says_so(tmp_path: Path):
    store = RunStore(tmp_path)
    dealt = game.deal(default_rng(0))
    six = np.concatenate([dealt.support, dealt.queries[:1]])
    with pytest.raises(UserError, match="tells 5 classes apart, not 6"):
        drawn(store, ["scratch"], six, list(range(6)), dealt.queries)
    run = store.create(short())
    with pytest.raises(UserError, match="not about images like drawings"):
        drawn(store, [run], dealt.support, list(range(5)), dealt.queries)


def test_an_episode_is_ink_on_nothing():
    dealt = game.deal(default_rng(0))
    episodes = episode_of(dealt.support, list(range(5)), dealt.queries, torch.device("cpu"))
    assert episodes.support_x.shape == (1, 5, 1, 28, 28)
    assert episodes.query_x.shape == (1, 10, 1, 28, 28)
    assert (episodes.support_x.min(), episodes.support_x.max()) == (0, 1)
