"""Out-of-scope queries: the threshold comes from validation alone, the figures are what they say, and nothing else changes."""

from typing import cast

import pytest
import torch

from metaplay.config import ConfigError, defaults, parse, revise
from metaplay.episodes import Split
from metaplay.events import Evaluated, from_line, to_line
from metaplay.tasks.sentences import found
from metaplay.tasks.text import TextFamily
from metaplay.training import rejection as module
from metaplay.training import train
from metaplay.training.evaluate import evaluate
from metaplay.training.fixed import fixed_tasks
from metaplay.training.rejection import Scores, auroc, judged, threshold
from metaplay.training.train import Training

SMALL = {"width": 8, "eval_tasks": 25, "steps": 1, "meta_batch": 2, "out_of_scope": True}


def run(family: str = "everyday", **values: object) -> Training:
    return train(revise(defaults("protonet", family), {**SMALL, **values}))


def evaluated(one: Training) -> Evaluated:
    return evaluate(one.learner, one.family, one.device, 0, 25, "test")


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    inside = torch.tensor([[0.9, 0.5, 0.5], [0.1, 0.2, 0.3]])
    outside = torch.tensor([[0.5, 0.1], [0.8, 0.9]])
    pairs = (inside[:, :, None] > outside[:, None]).double() + (inside[:, :, None] == outside[:, None]).double() / 2
    torch.testing.assert_close(auroc(inside, outside), pairs.mean((1, 2)))
    assert auroc(inside, outside).tolist() == [pytest.approx(5 / 6), 0.0]


def test_the_threshold_is_where_both_shares_are_greatest_together():
    generator = torch.Generator().manual_seed(3)
    inside, outside = torch.rand(4, 6, generator=generator), torch.rand(4, 5, generator=generator) * 0.8
    scores = Scores(inside, torch.rand(4, 6, generator=generator) < 0.7, outside)

    def worth(at: float) -> float:
        known = judged(scores, at)
        return known.rejected[0] + known.kept[0]

    best = worth(threshold(scores))
    assert all(worth(at) <= best + 1e-9 for at in torch.cat((inside.flatten(), outside.flatten())).tolist())


def test_what_is_rejected_and_kept_is_counted_per_task():
    scores = Scores(
        torch.tensor([[0.9, 0.4], [0.6, 0.7]]), torch.tensor([[True, True], [False, True]]), torch.tensor([[0.5], [0.2]])
    )  # fmt: skip
    known = judged(scores, 0.5)
    assert known.rejected[0] == 0.5  # 0.5 itself is not below
    assert known.kept[0] == 0.5
    assert sum(known.inside) == 4
    assert known.outside[4] == 1
    assert known.outside[10] == 1


def test_the_threshold_never_sees_the_tested_split(monkeypatch: pytest.MonkeyPatch):
    """With other test queries the threshold stays; with other validation queries it moves."""
    one = run()
    first = evaluated(one).rejection
    monkeypatch.setitem(module.SEED, "test", 99)
    second = evaluated(one).rejection
    monkeypatch.setitem(module.SEED, "val", 98)
    third = evaluated(one).rejection
    assert first is not None
    assert second is not None
    assert third is not None
    assert [item.threshold for item in first] == [item.threshold for item in second]
    assert first[0].outside != second[0].outside
    assert first[0].threshold != third[0].threshold


def test_asking_changes_no_other_figure():
    asked, plain = evaluated(run()), evaluated(run(out_of_scope=False))
    assert plain.rejection is None
    assert asked.mean == plain.mean
    assert asked.per_task == plain.per_task
    assert sum(asked.rejection[0].inside) == 25 * 25 if asked.rejection else False


@pytest.mark.parametrize("split", ["val", "test"])
def test_other_intents_of_the_split_are_out_of_scope(split: Split):
    one = run(way=7)
    family = cast("TextFamily", one.family)
    part = next(iter(fixed_tasks(one.config, one.family, split, 20, 1, one.device)))
    numbers = family.outside(split, part, 90, torch.Generator().manual_seed(1))
    assert numbers is not None
    assert part.classes is not None
    assert numbers.shape == (20, 90)  # every sentence of the three others
    names = family.names
    for task, own in zip(part.classes, numbers, strict=True):
        assert len(set(own.tolist())) == 90
        intents = {names[number // family.per_class].replace("_", " ") for number in own.tolist()}
        assert len(intents) == 3
        assert not intents & set(family.class_names(split, task))
        assert intents <= set(family.class_names(split, torch.arange(10)))


@pytest.mark.skipif(not found("clinc150"), reason="CLINC150 is not in METAPLAY_DATA")
def test_of_clinc150_they_are_the_authors_own():
    one = run("clinc150")
    family = cast("TextFamily", one.family)
    part = next(iter(fixed_tasks(one.config, one.family, "test", 20, 1, one.device)))
    drawn = [family.outside(split, part, 50, torch.Generator().manual_seed(1)) for split in ("val", "test")]
    texts = [set(family.sentences(numbers.flatten())) for numbers in drawn if numbers is not None]
    assert len(texts[0]) <= 100
    assert not texts[0] & texts[1]
    assert "how many prime numbers are there between 0 and 100" in set(family.texts[-1000:])


def test_all_ways_leave_nothing_out_of_scope():
    with pytest.raises(ConfigError, match=r"everyday holds out 10: choose fewer than 10 ways"):
        parse({**run().config.model_dump(), "way": 10})
    with pytest.raises(ConfigError, match="out_of_scope does not apply to"):
        parse({**defaults("maml", "strokes").model_dump(), "out_of_scope": True})


def test_the_log_of_a_run_has_it():
    found = next(event for event in run(eval_tasks=4) if isinstance(event, Evaluated))
    assert found.rejection is not None
    assert from_line(to_line(found)) == found
