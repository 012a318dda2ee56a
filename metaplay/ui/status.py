"""Sentences about a run: where it stands, what came out of it, what went wrong. Plain functions of its history."""

import re
from collections.abc import Mapping
from typing import Any

from metaplay import config
from metaplay.engine.turns import Place
from metaplay.events import Evaluated, Rejection
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS
from metaplay.text import Language, Text, duration

STATE_NAMES = {
    "queued": Text("In the queue", "排队中"),
    "preparing": Text("Preparing the data", "准备数据"),
    "running": Text("Training", "训练中"),
    "paused": Text("Paused", "已暂停"),
    "interrupted": Text("Interrupted", "已中断"),
    "finished": Text("Finished", "已完成"),
    "stopped": Text("Stopped", "已停止"),
    "failed": Text("Failed", "失败"),
}
GOES_ON = ("paused", "interrupted", "stopped", "failed")
"""States from which a run goes on: a paused one where it stands, the others from their checkpoint."""
_COLOURS = {"preparing": "blue", "running": "blue", "queued": "gray", "stopped": "gray", "finished": "violet"}
STATES = {
    state: Text(*(f":{_COLOURS.get(state, 'orange')}-badge[{word}]" for word in name))
    for state, name in STATE_NAMES.items()
}
"""The names of the states as badges, in Markdown."""
_STEP = Text("step {step:,} of {total:,}", "第 {step:,} / {total:,} 步")
_PLACE = Text("number {place} in the queue", "队列第 {place} 位")
_BEGINS = Text("number {place} in the queue, begins in about {time}", "队列第 {place} 位，约 {time}后开始")
_SPEED = Text("{speed:,.0f} tasks/s", "{speed:,.0f} 任务/秒")
_LEFT = Text("{left} left", "剩余 {left}")
_SLOW = Text("slow motion, at most {pace:g} steps/s", "慢动作，每秒最多 {pace:g} 步")
_SAID = {
    "mse": Text("mean squared error {mean:.3g} ± {ci:.2g} {when}", "{when}均方误差 {mean:.3g} ± {ci:.2g}"),
    "accuracy": Text("{mean:.1%} ± {ci:.1%} correct {when}", "{when}正确率 {mean:.1%} ± {ci:.1%}"),
    "return": Text("a return of {mean:.3g} ± {ci:.2g} {when}", "{when}回报 {mean:.3g} ± {ci:.2g}"),
}
_BEFORE = Text("before adapting", "适应前")
_AFTER_ONE = Text("after one inner step", "一个内层步之后")
_AFTER = Text("after {n} inner steps", "{n} 个内层步之后")
_RESULT = Text(
    "**Tested on {tasks:,} new tasks:** {figures}. The ± is the 95 % confidence interval of the mean.{manner}",
    "**在 {tasks:,} 个新任务上测试：** {figures}。± 为均值的 95 % 置信区间。{manner}",
)
_ORACLE = Text(
    " One who is told the task reaches {mean:.3g} ± {ci:.2g}.",
    "已知任务者可达到 {mean:.3g} ± {ci:.2g}。",
)
_FLOOR = Text(
    " Nearest centroid by TF-IDF, which learns nothing: {mean:.1%} ± {ci:.1%} on the same tasks.",
    "不做学习的 TF-IDF 最近质心在同样任务上为 {mean:.1%} ± {ci:.1%}。",
)
_REJECTION = Text(
    " **None of these:** below a probability of {threshold:.2f} (chosen on validation tasks) {rejected:.1%} of the out-of-scope queries are"
    " rejected, and {kept:.1%} of the others kept and right; AUROC {auroc:.3f} ± {ci:.3f}."
    " TF-IDF, by a cosine of {floor_threshold:.2f}: {floor_rejected:.1%}, {floor_kept:.1%}, {floor_auroc:.3f} ± {floor_ci:.3f}.",
    "**都不是：** 以概率 {threshold:.2f} 为阈值（在验证任务上选定），拒绝了 {rejected:.1%} 的超范围查询，其余查询有 {kept:.1%} 被保留且判断正确；"
    "AUROC {auroc:.3f} ± {ci:.3f}。TF-IDF（余弦阈值 {floor_threshold:.2f}）：{floor_rejected:.1%}、{floor_kept:.1%}、{floor_auroc:.3f} ± {floor_ci:.3f}。",
)
_TRANSDUCTIVE = Text(
    " Transductive: batch normalisation saw all queries of a task together.",
    "直推式：批归一化同时看到一个任务的全部查询样本。",
)
_ALONE = Text(" Not transductive: each query was judged alone.", "非直推：每个查询样本单独判断。")
_INTERRUPTED = Text(
    "The run lost its worker and goes on by itself from its last checkpoint. {reason}",
    "这次训练失去了工作进程，会自动从最近的检查点继续。{reason}",
)
_OTHER = Text(
    "The form describes the next run. This one has: {values}.", "表单描述的是下一次训练。当前这次的设置：{values}。"
)


def state(history: History, language: Language, place: Place | None = None) -> str:
    """One line in Markdown: state, step, speed, device, time left; `place` is the place in the queue."""
    running = history.config
    parts = [STATES[history.state](language)]
    if place is not None:
        parts.append(waits(place)(language))
    if running is not None and history.started is not None:
        if ALGORITHMS[running.algorithm].meta_trains:
            parts.append(_STEP.fill(step=history.step, total=running.steps)(language))
        if history.tasks_per_second:
            parts.append(_SPEED.fill(speed=history.tasks_per_second)(language))
        parts.append(plain(history.started.device))
        if history.pace and not history.ended:
            parts.append(_SLOW.fill(pace=history.pace)(language))
        if history.state == "running" and 0 < history.step < running.steps:
            left = history.seconds / history.step * (running.steps - history.step)
            parts.append(_LEFT.fill(left=duration(left, language))(language))
    return " · ".join(parts)


def waits(place: Place) -> Text:
    """Where a run stands in the queue, and when its turn will come, if that can be told."""
    if place.seconds is None:
        return _PLACE.fill(place=place.place)
    time = Text(duration(place.seconds, "en"), duration(place.seconds, "zh"))
    return _BEGINS.fill(place=place.place, time=time)


def share_done(history: History) -> float:
    """How much of the run, or of preparing its data, is done: 0 to 1."""
    if history.state == "preparing":
        return min(max(history.prepared, 0.0), 1.0)
    return min(history.step / history.config.steps, 1.0) if history.config else 0.0


def name(settings: config.RunConfig) -> str:
    """A configuration in a few words."""
    return f"{ALGORITHMS[settings.algorithm].label} · {FAMILIES[settings.family].label}"


def title(history: History) -> str:
    """What is being run, in a few words."""
    return name(history.config) if history.config else ""


def result(history: History, language: Language) -> str | None:
    """The figure to report, in words; None while there is none."""
    found = next((item for item in reversed(history.evaluated) if item.split == "test"), None)
    if found is None or history.config is None:
        return None
    steps = sorted({0, min(1, len(found.mean) - 1), len(found.mean) - 1})
    figures = ", ".join(_figure(found, step, language) for step in steps)
    manner = (_TRANSDUCTIVE if found.transductive else _ALONE)(language) if _has_norm(history) else ""
    if found.floor:
        manner += _FLOOR.fill(mean=found.floor[0], ci=found.floor[1])(language)
    if found.oracle:
        manner += _ORACLE.fill(mean=found.oracle[0], ci=found.oracle[1])(language)
    if found.rejection:
        ours, floor = (_shares(one) for one in found.rejection)
        manner += _REJECTION.fill(**ours, **{f"floor_{key}": value for key, value in floor.items()})(language)
    return _RESULT.fill(tasks=found.tasks, figures=figures, manner=manner)(language)


def trouble(history: History, language: Language) -> str | None:
    """What went wrong, in a sentence; None while all is well."""
    if history.state == "interrupted":
        return _INTERRUPTED.fill(reason=plain(history.reason))(language)
    return plain(history.reason) or None if history.state in ("failed", "stopped") else None


def differences(history: History, form: Mapping[str, Any], language: Language) -> str | None:
    """Where the watched run's settings differ from the form's, which describes the next run."""
    if history.config is None:
        return None
    own = config.summary(history.config)
    named = [
        f"{config.control(name).label(language)} {value}" for name, value in own.items() if form.get(name) != value
    ]
    return _OTHER.fill(values=", ".join(named))(language) if named else None


def _shares(found: Rejection) -> dict[str, float]:
    return {
        "threshold": found.threshold,
        "rejected": found.rejected[0],
        "kept": found.kept[0],
        "auroc": found.auroc[0],
        "ci": found.auroc[1],
    }


def _figure(found: Evaluated, step: int, language: Language) -> str:
    when = [_BEFORE, _AFTER_ONE][step] if step < 2 else _AFTER.fill(n=step)
    return _SAID[found.metric].fill(mean=found.mean[step], ci=found.ci95[step], when=when(language))(language)


def _has_norm(history: History) -> bool:
    return history.config is not None and NETWORKS[history.config.network].norm


_JOINER = "\u2060"
"""Is not seen, and keeps two characters from being read as one sign."""
_MARKS = re.compile(r"([\\`*\[\]<>$~!#|&]|(?<![^\W_])_|_(?![^\W_]))")
_SIGNS = re.compile(r":(?=\S)|@(?=\S)|(?<=www)(?=\.)|-(?=-|\\>)|(?<=<)(?=-)|(?<=[<>~=])(?==)")
"""What becomes icons, addresses and arrows after Markdown was read, so that no backslash helps."""
_STARTS = re.compile(r"^(\s*)([-+]|\d+(?=[.)]))")


def plain(text: str) -> str:
    """Text that a person or a file brought, such that Markdown shows it as it is: no link, no image, no formatting, no icon."""
    joined = _SIGNS.sub(lambda found: found[0] + _JOINER, _MARKS.sub(r"\\\1", text))
    return _STARTS.sub(rf"\1{_JOINER}\2", joined)
