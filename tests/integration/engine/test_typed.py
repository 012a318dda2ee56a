"""What networks say of typed sentences; and the starting points for sentences that ship are good ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng

from metaplay.config import defaults, revise
from metaplay.engine.checkpoint import save_checkpoint
from metaplay.engine.lab import walked
from metaplay.engine.shipping import FOLDER, shipped
from metaplay.engine.store import RunStore
from metaplay.engine.typed import adapted, typed
from metaplay.tasks.sentences import sentences
from metaplay.text import Language, UserError
from metaplay.training import train
from metaplay.ui.draw.starts import SHIPPED_SENTENCES, SHIPPED_WAY
from metaplay.ui.draw.words.episode import EXAMPLES, FAMILIES, real
from metaplay.walks import ImageWalk, Typed
from tests.integration.engine.helpers import short


def _names(language: Language) -> list[str]:
    family = FAMILIES[language]
    return [*(f"shipped {family}-{name}" for name in SHIPPED_SENTENCES), f"scratch {family}"]


def _typed(
    store: RunStore, starts: list[str], intents: Sequence[tuple[str, list[str]]], query: str, floor: str
) -> Typed:
    support = [text for _, own in intents for text in own]
    labels = [label for label, (_, own) in enumerate(intents) for _ in own]
    return typed(store, starts, support, labels, query, floor)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_opens_with_a_sentence_that_those_that_ship_tell_right(tmp_path: Path, language: Language):
    intents, query = EXAMPLES[language]
    found = _typed(RunStore(tmp_path), _names(language), intents[:3], query, FAMILIES[language])
    assert found.cosines.argmax() == 0
    for start, weighed in found.starts.items():
        np.testing.assert_allclose(weighed.probabilities.sum(-1), 1, atol=1e-5)
        assert weighed.probabilities.shape[1] == 3
        assert weighed.influence.shape == (len(weighed.probabilities), len(weighed.places))
        assert start.startswith("scratch") or weighed.winner == 0
        assert abs(weighed.influence[-1]).max() > abs(weighed.influence[0]).max()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_ships_tells_new_intents_apart(tmp_path: Path, language: Language):
    store, names, right = RunStore(tmp_path), _names(language), dict.fromkeys(_names(language), 0)
    for seed in range(30):
        intents, query = real(3, language, default_rng(seed))
        own = next(i for i, one in enumerate(intents) if _belongs(one.sentences, query, language))
        found = _typed(store, names, intents, query, FAMILIES[language])
        for start in names:
            right[start] += found.starts[start].winner == own
    assert all(right[f"shipped {FAMILIES[language]}-{name}"] >= 15 for name in SHIPPED_SENTENCES), right  # chance: 10


def _belongs(examples: list[str], query: str, language: Language) -> bool:
    return any(query in own and examples[0] in own for own in sentences(FAMILIES[language]).texts)


def test_what_ships_is_small_in_half_precision_and_tells_five_intents_apart():
    for family in FAMILIES.values():
        for name in SHIPPED_SENTENCES:
            kept = shipped(f"{family}-{name}")
            assert (FOLDER / f"{family}-{name}.safetensors").stat().st_size < 2_000_000
            assert kept.tensors["params.embed.weight"].dtype == torch.float16
            assert (kept.meta["config"]["family"], kept.meta["config"]["way"]) == (family, SHIPPED_WAY)


def _trained(store: RunStore) -> str:
    """A run on sentences of two meta-steps, kept."""
    config = revise(defaults("maml", "everyday"), {"steps": 2, "width": 8, "meta_batch": 2, "eval_tasks": 2})
    run, training = store.create(config), train(config)
    for _ in training:
        if training.step == 2:
            break
    save_checkpoint(store, run, training.snapshot())
    return run


def test_a_run_of_ones_own_answers_and_the_lab_weighs_the_words_of_its_queries(tmp_path: Path):
    store = RunStore(tmp_path)
    run = _trained(store)
    walk = walked(store, run, None, seed=1)
    assert isinstance(walk, ImageWalk)
    for number, weighed in enumerate(walk.query.weighed):
        np.testing.assert_allclose(weighed.probabilities, walk.query.probabilities[:, number], atol=1e-5)
        assert weighed.winner == walk.query.probabilities[walk.tested, number].argmax()
    found = typed(
        store, [run], walk.support.sentences, walk.support.labels.tolist(), walk.query.sentences[0], "everyday"
    )
    typed_by_hand, in_the_lab = found.starts[run], walk.query.weighed[0]
    np.testing.assert_allclose(typed_by_hand.influence, in_the_lab.influence[: walk.tested + 1], atol=1e-5)


def test_what_was_adapted_is_kept_while_the_intents_stay(tmp_path: Path):
    """And tells of the next sentence what a network adapted anew would."""
    intents, query = EXAMPLES["en"]
    store, names = RunStore(tmp_path), _names("en")
    adapted.cache_clear()
    _typed(store, names, intents[:3], "x", FAMILIES["en"])
    kept = _typed(store, names, intents[:3], query, FAMILIES["en"])
    assert adapted.cache_info().misses == len(names)
    adapted.cache_clear()
    anew = _typed(store, names, intents[:3], query, FAMILIES["en"])
    for start in names:
        np.testing.assert_allclose(kept.starts[start].influence, anew.starts[start].influence, atol=1e-6)
    _typed(store, names, intents[:2], query, FAMILIES["en"])
    assert adapted.cache_info().misses == 2 * len(names)


def test_a_run_on_something_else_or_with_too_few_outputs_says_so(tmp_path: Path):
    store = RunStore(tmp_path)
    run = store.create(short())
    with pytest.raises(UserError, match="does not read sentences"):
        typed(store, [run], ["a", "b"], [0, 1], "a", "everyday")
    with pytest.raises(UserError, match="tells 5 classes apart, not 6"):
        typed(store, ["scratch everyday"], list("abcdef"), list(range(6)), "a", "everyday")
