"""HalfCheetah's presets: an hour's size and the paper's, with the paper's figures beside."""

import pytest

from metaplay.charts.learn.published import CHEETAH as PUBLISHED
from metaplay.config import summary
from metaplay.presets import GROUPS, preset
from metaplay.presets.cheetah import CHEETAH

TASKS = {"vel": "velocity", "dir": "direction"}


def test_both_tasks_have_both_sizes():
    assert set(CHEETAH) == {f"{size}cheetah-{task}-maml" for task in TASKS for size in ("", "paper-")}
    assert CHEETAH in [presets for _, presets in GROUPS]


@pytest.mark.parametrize("task", TASKS)
def test_the_papers_sizes_are_the_papers(task: str):
    """Finn et al. 2017, appendix A.2, and the authors' script: 40 tasks of 20 trajectories, rate 0.1, KL 0.01, 100-100 units."""
    config = preset(f"paper-cheetah-{task}-maml").config
    assert summary(config).items() >= {
        "algorithm": "maml", "family": f"cheetah-{task}", "width": 100, "inner_lr": 0.1, "inner_steps": 1, "kl_limit": 0.01,
        "outer_optimizer": "trpo", "meta_batch": 40, "shot": 20, "query": 20, "eval_tasks": 40, "test_inner_steps": 3,
    }.items()  # fmt: skip
    smaller = summary(preset(f"cheetah-{task}-maml").config)
    changed = {name: value for name, value in smaller.items() if value != getattr(config, name)}
    assert changed == {"meta_batch": 20, "shot": 10, "query": 10, "steps": 300}


@pytest.mark.parametrize("task", TASKS)
def test_the_papers_figures_are_those_that_the_chapter_on_applications_draws(task: str):
    for size in ("", "paper-"):
        item = preset(f"{size}cheetah-{task}-maml")
        assert item.paper
        assert item.after
        assert tuple(float(value) for value in item.paper.figure.split(", ")) == PUBLISHED[TASKS[task]][1]
        assert "Differs: " in item.after.en
