"""What came of a race, as a table: results, differences task by task, and what they cost."""

from collections.abc import Sequence

import streamlit as st

from metaplay.charts.runners import Runner, Standing, standings
from metaplay.text import Language, Text
from metaplay.ui.markdown_table import markdown_table

_COLUMNS = {
    "run": Text("Run", "训练"),
    "accuracy": Text("Accuracy", "正确率"),
    "mse": Text("Mean squared error", "均方误差"),
    "return": Text("Return", "回报"),
    "difference": Text("Difference to {first}", "与 {first} 之差"),
    "seconds": Text("Seconds of training", "训练秒数"),
    "gradients": Text("Gradient evaluations", "梯度计算次数"),
}
_TESTED = Text(
    "**At the end, on {n:,} new test tasks**, the same for all. ± is the 95 % confidence interval; that of a difference is taken "
    "task by task. Each runner is a run of its own: find it under Runs.",
    "**最终结果：{n:,} 个新的测试任务**，对所有参赛者相同。± 为 95% 置信区间；差值逐任务计算。每个参赛者都是一次独立的训练，可在“训练记录”中找到。",
)
_PROBED = Text(
    "**So far, on {n:,} held-out probe tasks**, the same for all; the test comes at the end.",
    "**目前：{n:,} 个留出的探测任务**，对所有参赛者相同；最后进行测试。",
)
_SWEPT = Text(
    "**On {n:,} held-out tasks**, the same for runs with the same value of the sweep. ± is the 95 % confidence interval.",
    "**{n:,} 个留出任务**，扫描值相同的训练所用任务相同。± 为 95% 置信区间。",
)
_NOTHING = "–"


def draw(field: Sequence[Runner], language: Language, compare: bool = True) -> None:
    """The table; without the differences where the runs were tested on different tasks."""
    found = standings(field)
    known = next((standing for standing in found if standing), None)
    if known is None:
        return
    about = (_TESTED if known.final else _PROBED) if compare else _SWEPT
    st.markdown(about.fill(n=known.tasks)(language))
    rows = [_row(runner, standing, field[0], language, compare) for runner, standing in zip(field, found, strict=True)]
    markdown_table(list(rows[0]), [list(row.values()) for row in rows])


def _row(runner: Runner, standing: Standing | None, first: Runner, language: Language, compare: bool) -> dict[str, str]:
    row = {
        "run": f"**{runner.name}**",
        runner.metric: _figure(standing.mean, standing.ci95, runner, "") if standing else _NOTHING,
        "difference": _difference(runner, standing, first),
        "seconds": f"{runner.history.seconds:,.1f}",
        "gradients": f"{runner.gradients(runner.history.step):,}",
    }
    names = [name for name in row if compare or name != "difference"]
    return {_COLUMNS[name].fill(first=first.name)(language): row[name] for name in names}


def _difference(runner: Runner, standing: Standing | None, first: Runner) -> str:
    if standing is None or runner is first:
        return _NOTHING
    return _figure(standing.difference, standing.difference_ci95, runner, "+")


def _figure(mean: float, ci95: float, runner: Runner, sign: str) -> str:
    if runner.classifies:
        return f"{100 * mean:{sign}.1f} ± {100 * ci95:.1f} %".replace("-", "−")
    told = -mean if runner.metric == "return" else mean  # standings are of what is to be made small
    return f"{told:{sign}.3g} ± {ci95:.2g}".replace("-", "−")
