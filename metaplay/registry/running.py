"""The task families of bodies that learn to run. They want MuJoCo, which is installed by itself (requirements-rl.txt)."""

from typing import Any

from metaplay.registry.families import Family
from metaplay.text import Text

_DEFAULTS: dict[str, Any] = {
    "network": "policy",
    "width": 100,
    "shot": 10,
    "query": 10,
    "inner_lr": 0.1,
    "meta_batch": 20,
    "test_inner_steps": 3,
    "steps": 300,
    "eval_tasks": 40,
}
"""Finn et al.'s setting, half as many trajectories in half as many tasks: an hour on a processor."""


def _cheetah(label: str, target: str, summary: Text) -> Family:
    return Family(
        label,
        f"metaplay.tasks.cheetah:{target}",
        summary,
        "control",
        ("policy",),
        (),
        _DEFAULTS,
        dims=17,
        actions=6,
        horizon=200,
        modules=("gymnasium", "mujoco"),
    )


RUNNING: dict[str, Family] = {
    "cheetah-vel": _cheetah(
        "HalfCheetah, velocity",
        "CheetahVelocity",
        Text(
            "Each task is a speed at which a body with two legs is to run, and which it is not told. Finn et al. 2017.",
            "每个任务是一个不告知的速度：双足身体要以这个速度奔跑。Finn 等 2017。",
        ),
    ),
    "cheetah-dir": _cheetah(
        "HalfCheetah, direction",
        "CheetahDirection",
        Text(
            "Two tasks: a body with two legs is to run forwards, or backwards, as fast as it can. Finn et al. 2017.",
            "两个任务：双足身体要尽快向前跑，或尽快向后跑。Finn 等 2017。",
        ),
    ),
}
