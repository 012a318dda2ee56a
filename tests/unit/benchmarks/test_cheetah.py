"""HalfCheetah as it is timed: all bodies at once beside Gymnasium's one."""

from pathlib import Path

import pytest
import torch
from torch import Generator

from metaplay.config import defaults
from metaplay.environments import Environments


@pytest.mark.usefixtures("mujoco")
def test_what_is_timed_agrees_with_gymnasiums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from benchmarks import cheetah
    from metaplay.tasks.cheetah import CheetahVelocity

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cheetah, "TASKS", 2)
    monkeypatch.setattr(cheetah, "TRAJECTORIES", 3)
    family = CheetahVelocity(defaults("maml", "cheetah-vel"), torch.device("cpu"))
    actions = torch.randn(10, 6, 6, generator=Generator().manual_seed(2)).clamp(-1, 1)
    cheetah.check(family, Environments(torch.ones(2, 1)), [*actions.numpy()])
