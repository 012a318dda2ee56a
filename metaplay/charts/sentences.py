"""The sentences of the watched task of text: what each is taken for before and after adaptation."""

from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.events import Probe, ProbeTask
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("What each sentence is taken for", "每句话被判断成什么")
EXPLAIN = Text(
    "Sentences of one held-out task, whose intents were never used in training. The network reads one or a few labelled "
    "sentences of each intent and then says what each of these is about: before it has read them, and after. ✓ is right, ✗ wrong.",
    "同一个留出任务中的句子，其意图从未用于训练。网络先读每个意图的一句或几句带标签的话，再判断下面每句话的意图：左为读之前，右为读之后。✓ 为正确，✗ 为错误。",
)
SHOWN = 10
"""Sentences that are shown: as many of each intent."""
_SENTENCE, _INTENT = Text("sentence", "句子"), Text("its intent", "真实意图")


def sentences(history: History, language: Language, theme: Theme) -> go.Figure:
    """A table: sentence, true intent, the answer before adaptation and after the last inner step."""
    task, probe = history.task, _latest(history)
    if task is None or probe is None:
        return style.waiting("sentences", TITLE(language), history, language, theme)
    rows = chosen(task)
    steps = probe.inner_steps[-1]
    heads = [_SENTENCE(language), _INTENT(language), style.BEFORE(language), style.after(steps)(language)]
    columns = [
        [style.literal(task.queries[row]) for row in rows],
        [style.literal(task.names[task.truth[row]]) for row in rows],
        *([_answer(task, answers, row) for row in rows] for answers in (probe.answers[0], probe.answers[-1])),
    ]
    ink = style.ink(theme)
    strong = [style.colour(history) if _right(task, probe, row) else ink for row in rows]
    look: dict[str, Any] = {"align": "left", "line": {"color": style.clear(style.GREY, 0.3), "width": 1}}
    trace = {
        "type": "table",
        "uid": "sentences",
        "columnwidth": [4, 1.6, 1.7, 1.7],
        "header": {
            "values": [f"<b>{head}</b>" for head in heads],
            "fill": {"color": style.clear(style.GREY, 0.12)},
            "font": {"color": ink, "size": 12},
            **look,
        },
        "cells": {
            "values": columns,
            "fill": {"color": "rgba(0,0,0,0)"},
            "font": {"color": [ink, ink, style.GREY, strong], "size": 12},
            "height": 26,
            **look,
        },
    }
    layout = style.layout("sentences", TITLE(language), history, theme, margin={"l": 8, "r": 8, "t": 40, "b": 8})
    return style.made({"data": [trace], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The table in one sentence."""
    task, probe = history.task, _latest(history)
    if task is None or probe is None:
        return style.WAITING(language)
    before, after = (
        sum(answer == truth for answer, truth in zip(answers, task.truth, strict=True))
        for answers in (probe.answers[0], probe.answers[-1])
    )
    return Text(
        "At meta-step {step}, {before} of {total} sentences of the watched task are told right before adaptation and {after} after.",
        "在第 {step} 个元步，所观察任务的 {total} 句话中，适应前判断正确 {before} 句，适应后 {after} 句。",
    ).fill(step=probe.step, before=before, after=after, total=len(task.truth))(language)


def chosen(task: ProbeTask) -> list[int]:
    """Which queries are shown: the first few of each intent."""
    each = max(1, SHOWN // len(task.names))
    rows = [[row for row, truth in enumerate(task.truth) if truth == label][:each] for label in range(len(task.names))]
    return [row for own in rows for row in own][: max(SHOWN, len(task.names))]


def _answer(task: ProbeTask, answers: list[int], row: int) -> str:
    return f"{'✓' if answers[row] == task.truth[row] else '✗'} {style.literal(task.names[answers[row]])}"


def _right(task: ProbeTask, probe: Probe, row: int) -> bool:
    return probe.answers[-1][row] == task.truth[row]


def _latest(history: History) -> Probe | None:
    probe = history.probes[-1] if history.probes else None
    return probe if probe and probe.answers else None
