"""HalfCheetah: the MAML paper's continuous control, in sizes that a processor gets somewhere with in an hour, and in the paper's."""

from typing import Any

from metaplay.presets.base import Paper, Preset
from metaplay.text import Text

_DIFFERS = Text(
    "Finn et al. 2017, section 5.3, HalfCheetah {task}. Differs: Gymnasium's HalfCheetah-v5, whose time step is five times as long"
    " as that of the authors' environment and whose observation lacks the centre of mass, so that returns cannot be compared one"
    " to one{more}.",
    "Finn 等 2017 第 5.3 节的 HalfCheetah {task}。不同之处：用 Gymnasium 的 HalfCheetah-v5，其时间步是作者环境的五倍，观测中没有质心，"
    "因此回报不能一一比较{more}。",
)
_VELOCITIES = Text(
    "; velocities of the test are of intervals that training never uses", "；测试速度取自训练从未用过的区间"
)
_SMALLER = Text(
    "; 20 tasks of 10 trajectories a meta-step instead of 40 of 20",
    "；每个元步 20 个任务、各 10 条轨迹，而非 40 个任务、各 20 条",
)
_SOURCE = "Finn et al. 2017, HalfCheetah {task}: return before adaptation and after 1, 2 and 3 gradient steps, 40 goals"
_PAPERS: dict[str, Any] = {"meta_batch": 40, "shot": 20, "query": 20, "steps": 500}

_TASKS = {
    "vel": (
        Text("goal velocity", "目标速度"),
        "-129.5, -78.6, -66.6, -60.8",
        Text("One gradient step sets the speed of a run.", "一步梯度就定下奔跑的速度。"),
    ),
    "dir": (
        Text("forward/backward", "前进/后退"),
        "-50.7, 293.2, 313.5, 315.7",
        Text("One gradient step turns a run around.", "一步梯度就让奔跑掉头。"),
    ),
}


def _preset(task: str, papers: bool) -> Preset:
    name, figure, title = _TASKS[task]
    more = [_VELOCITIES] if task == "vel" else []
    more += [] if papers else [_SMALLER]
    after = Text(
        _DIFFERS.en.format(task=name.en, more="".join(text.en for text in more)),
        _DIFFERS.zh.format(task=name.zh, more="".join(text.zh for text in more)),
    )
    paper = Paper(figure, _SOURCE.format(task=name.en))
    if papers:
        title = Text(f"{title.en[:-1]}, in the paper's sizes.", f"{title.zh[:-1]}，按论文的规模。")
    return Preset("maml", f"cheetah-{task}", title, _PAPERS if papers else {}, after, paper)


CHEETAH: dict[str, Preset] = {
    **{f"cheetah-{task}-maml": _preset(task, papers=False) for task in _TASKS},
    **{f"paper-cheetah-{task}-maml": _preset(task, papers=True) for task in _TASKS},
}
