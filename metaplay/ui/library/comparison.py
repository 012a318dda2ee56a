"""Chosen runs compared: their curves in one figure, their results, and the differences task by task where these are known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast, get_args

import streamlit as st

from metaplay.charts import race
from metaplay.charts.runners import Along, Runner, Standing, runners, standings
from metaplay.charts.style import as_json
from metaplay.config import RunConfig
from metaplay.engine import labels
from metaplay.registry import ALGORITHMS, FAMILIES, Metric
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui import runs as words
from metaplay.ui.engine import engine
from metaplay.ui.library.rows import result, setting
from metaplay.ui.library.save_picture import save_picture
from metaplay.ui.live_plot import live_plot
from metaplay.ui.markdown_table import markdown_table
from metaplay.ui.shown import watched
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme

_EVERY = 2.0
"""Seconds between two looks at runs that go on."""
_LONGEST_NAME = 40
_TITLE = Text("How the runs compare on held-out tasks", "各训练在留出任务上的表现")
_EXPLAIN = Text(
    "Each line is a run: its result on its held-out probe tasks after the last inner step, in the colour, dash and marker of its "
    "algorithm. The shaded range is the 95 % confidence interval over the tasks. The runs were trained one by one, not as a race: "
    "seconds also tell what else the machine did at the time.",
    "每条线是一次训练：最后一个内层步之后在留出探测任务上的结果，颜色、线型和标记属于其算法。阴影是任务上的 95% 置信区间。"
    "这些训练各自独立进行，而不是竞赛：秒数也受当时机器负载的影响。",
)
_ALONG = Text("Against", "横轴")
_AXES: dict[Along, Text] = {
    "step": Text("meta-steps", "元步"),
    "seconds": Text("seconds of training", "训练秒数"),
    "gradients": Text("gradient evaluations", "梯度计算次数"),
}
_HEADS = (Text("Run", "训练"), Text("Tasks", "任务"), Text("Test result ± CI95", "测试结果 ± CI95"), Text("Minus the first, task by task", "与第一个之差（逐任务）"))  # fmt: skip
_FIRST = Text("the first", "第一个")
_NO_RESULT = Text("not tested yet", "尚未测试")
_OTHER_TASKS = Text("other tasks", "任务不同")
_UNKNOWN = Text("unknown", "未知")
_SURE, _UNSURE = Text("sure", "可靠"), Text("could be chance", "可能是偶然")
_PAIRED = Text(
    "A difference is taken task by task, on tasks that both runs met, and averaged; ± is the 95 % confidence interval of that mean. Tasks "
    "that are hard for one are hard for all, so it is narrower than the results' own. It is unknown where a log does not hold each task's value.",
    "差值在双方都做过的任务上逐任务相减再取平均；± 为该均值的 95% 置信区间。对一方难的任务对大家都难，因此它比结果本身的区间更窄。"
    "若日志中没有每个任务的值，则差值未知。",
)
_SAME_TASKS = ("family", "hold_out", "protocol", "way", "shot", "query", "goals", "wind", "obstacles")
"""What decides the fixed tasks that runs are tested on."""


def draw(names: Sequence[str], language: Language, theme: Theme) -> None:
    """The comparison, anew every few seconds while one of the runs goes on. Raises UserError if one of them is gone."""
    seen = [watched(engine().store, run) for run in names]
    for run in names:
        engine().store.path(run)
    going = not all(one.read().ended for one in seen)
    figure.part(_compare, names, language, theme, going, every=_EVERY if going else None)


def _compare(names: Sequence[str], language: Language, theme: Theme, was_going: bool) -> None:
    seen = [watched(engine().store, run) for run in names]
    histories = [one.read() for one in seen]
    along = st.segmented_control(
        _ALONG(language),
        list(get_args(Along)),
        format_func=lambda name: _AXES[name](language),
        key="compare-along",
        default="step",
        required=True,
    )
    field = runners([one.config for one in seen], histories, language)
    field = [
        replace(runner, name=f"{place} · {_name(runner, run, language)}")
        for place, (runner, run) in enumerate(zip(field, names, strict=True), 1)
    ]
    for metric in sorted({runner.metric for runner in field}, reverse=True):
        group = [runner for runner in field if runner.metric == metric]
        _group(group, cast(Along, along), f"compare-{'error' if metric == 'mse' else metric}", language, theme)
    if was_going and all(history.ended for history in histories):
        st.rerun()


def _name(runner: Runner, run: str, language: Language) -> str:
    """What somebody called the run, else its algorithm with what tells it from the others, if that is not too much, or its age."""
    if name := labels.read(engine().store, run).name:
        return name.replace("<", "‹")  # Plotly would read it as HTML
    if len(runner.name) <= _LONGEST_NAME:
        return runner.name
    return f"{ALGORITHMS[runner.config.algorithm].label} · {words.age(run, language)}"


def _group(field: Sequence[Runner], along: Along, key: str, language: Language, theme: Theme) -> None:
    """Runs whose results are of one kind, in one figure and one table."""
    with st.container(border=True, gap="xsmall"):
        curves = race.curves(field, along, language, theme, _TITLE(language))
        live_plot(as_json(curves), key=f"plot-{key}", alt=race.alt(field, along, language), height=440)
        save_picture(f"plot-{key}", f"metaplay-{key}", language)
        figure.explained(_EXPLAIN(language), key=key, language=language)
    markdown_table([head(language) for head in _HEADS], _rows(field, language))
    st.caption(_PAIRED(language))


def _rows(field: Sequence[Runner], language: Language) -> list[list[str]]:
    """Results and differences."""
    first, rows = field[0], list[list[str]]()
    for place, runner in enumerate(field):
        found = [item for item in runner.history.evaluated if item.split == "test"]
        told = result(found[-1]) if found else _NO_RESULT(language)
        difference = _difference(runner, first, language) if place else _FIRST(language)
        tasks = f"{plain(FAMILIES[runner.config.family].label)}, {setting(runner.config)(language)}"
        rows.append([plain(runner.name), tasks, told, difference])
    return rows


def _difference(runner: Runner, first: Runner, language: Language) -> str:
    if not _same_tasks(runner.config, first.config):
        return _OTHER_TASKS(language)
    standing = standings([first, runner])[1]
    return told(standing, runner.metric, language) if standing else _UNKNOWN(language)


def told(standing: Standing, metric: Metric, language: Language) -> str:
    """A difference in the results as they are told: of returns, although standings are of what is to be made small."""
    scale, unit, form = {"accuracy": (100, " %", ".1f"), "mse": (1, "", ".3g"), "return": (-1, "", ".3g")}[metric]
    sure = (_SURE if standing.sure else _UNSURE)(language)
    difference = f"{scale * standing.difference:+{form}}".replace("-", "−")
    return f"{difference} ± {abs(scale) * standing.difference_ci95:{form}}{unit} ({sure})"


def _same_tasks(ours: RunConfig, theirs: RunConfig) -> bool:
    return all(getattr(ours, name) == getattr(theirs, name) for name in _SAME_TASKS)
