"""What a meta-step costs on the device: its time, and the memory in use."""

import plotly.graph_objects as go

from metaplay.charts import along, changes, style
from metaplay.charts.style import Theme
from metaplay.events import Probe
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("What a meta-step costs", "一个元步的开销")
EXPLAIN = Text(
    "Above, milliseconds of computing for one meta-step (a running mean, without probes and pauses): it rises with the inner steps "
    "and when another run shares the machine. Below, memory: on a GPU the most that the tensors took so far, on a processor what "
    "the whole training process holds, the libraries included. Second-order algorithms hold the inner steps in memory; "
    "first-order ones don't.",
    "上图是一个元步的计算毫秒数（滑动平均，不含探测和暂停）：内层步越多、或有其他训练共用机器时会上升。下图是内存：在 GPU 上为张量迄今占用的最大值，"
    "在 CPU 上为整个训练进程占用的内存（含程序库）。二阶算法需要在内存中保留内层步，一阶算法则不需要。",
)
_TIME, _MEMORY = Text("ms per meta-step", "每元步毫秒数"), Text("memory (MB)", "内存 (MB)")


def step_cost(history: History, language: Language, theme: Theme) -> go.Figure:
    """Two panels over the same meta-steps: time, and memory below it."""
    probes = _measured(history)
    if not probes:
        return style.waiting("cost", TITLE(language), history, language, theme)
    steps, colour = [probe.step for probe in probes], style.colour(history)
    layout = along.layout("cost", TITLE(language), history, language, theme)
    layout["xaxis"] |= {"anchor": "y2"}
    layout["yaxis"] = style.axis(_TIME(language), rangemode="tozero", domain=[0.56, 1])
    layout["yaxis2"] = style.axis(_MEMORY(language), rangemode="tozero", domain=[0, 0.44])
    time = along.line("time", _TIME(language), steps, [1000 * (probe.step_seconds or 0) for probe in probes], colour)
    memory = along.line(
        "memory", _MEMORY(language), steps, [(probe.memory or 0) / 1e6 for probe in probes], style.GREY,
        line={"dash": "dash"}, yaxis="y2",
    )  # fmt: skip
    return style.made({"data": [time, memory], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    probes = _measured(history)
    if not probes:
        return style.WAITING(language)
    now = probes[-1]
    return Text(
        "At meta-step {step} a meta-step takes {time:.3g} ms, and {memory:,.0f} MB of memory are in use.",
        "在第 {step} 个元步，一个元步耗时 {time:.3g} 毫秒，占用内存 {memory:,.0f} MB。",
    ).fill(step=now.step, time=1000 * (now.step_seconds or 0), memory=(now.memory or 0) / 1e6)(language) + changes.said(
        history, language
    )


def _measured(history: History) -> list[Probe]:
    return [probe for probe in history.probes if probe.step_seconds is not None and probe.memory is not None]
