"""Runs of bodies: their events by the same loop as every other run, poses recorded, and no oracle made up."""

import pytest
import torch

from metaplay.config import defaults, revise
from metaplay.events import Evaluated, Probe, ProbeTask, from_line, to_line
from metaplay.tasks.cheetah import CheetahDirection, CheetahVelocity
from metaplay.training import train
from metaplay.training.acting import EVERY

HORIZON = 6


@pytest.mark.usefixtures("mujoco")
@pytest.mark.parametrize(("algorithm", "family"), [("maml", CheetahVelocity), ("reptile", CheetahDirection)])
def test_a_run_records_how_its_body_stood_and_is_tested(algorithm: str, family: type, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(family, "horizon", HORIZON)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    name = "cheetah-vel" if family is CheetahVelocity else "cheetah-dir"
    sizes = {"width": 6, "shot": 2, "query": 2, "eval_tasks": 3, "steps": 2, "meta_batch": 2}
    events = [from_line(to_line(event)) for event in train(revise(defaults(algorithm, name), sizes))]
    torch.set_num_threads(threads)
    task = next(event for event in events if isinstance(event, ProbeTask))
    assert len(task.goal) == 1
    assert task.oracle is None
    probe = [event for event in events if isinstance(event, Probe)][-1]
    assert [(len(poses), len(poses[0])) for poses in probe.poses] == [(HORIZON // EVERY + 1, 9)] * 4
    assert not probe.path_x
    tested = next(event for event in events if isinstance(event, Evaluated))
    assert (tested.metric, tested.oracle, len(tested.mean)) == ("return", None, 4)
    assert sum(tested.per_task) / 3 == pytest.approx(-tested.mean[-1], abs=1e-3)
