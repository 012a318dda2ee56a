"""How fast metaplay is beside other libraries: what the benchmark measured, where the project came with its results."""

import streamlit as st

from metaplay import measured
from metaplay.charts import peers, scaling
from metaplay.measured import GOAL, LABELS, RACE, REFERENCE, SCALED, TITLES, Row
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.theme import Theme

_HEAD = Text("How fast is it?", "它有多快？")
_DEVICE, _WORKLOAD = Text("Measured on", "测量设备"), Text("Meta-step", "元步")
_AGAINST = Text(
    "**{name}** takes {times:.3g} times as long as metaplay{memory}.",
    "**{name}** 的耗时是 metaplay 的 {times:.3g} 倍{memory}。",
)
_MEMORY = Text(", with {times:.3g} times the memory", "，内存是 {times:.3g} 倍")
_SHARE = Text(
    "metaplay does {share:.0%} of what large matrix products reach on this machine ({peak:,.0f} GFLOP/s, {threads}).",
    "metaplay 达到此机器大矩阵乘法速度的 {share:.0%}（{peak:,.0f} GFLOP/s，{threads}）。",
)
_THREADS = Text("threads: {count}", "线程数：{count}")
_LEFT_OUT = Text("Not drawn: {names}.", "未画出：{names}。")
_DIFFERS, _NOT = Text("its meta-gradient differs", "元梯度不一致"), Text("not measured", "未测量")
_RACE = Text(
    "Until {goal:.0%} of validation tasks' queries are right (strokes, 5-way 1-shot, same tasks and settings): {told}.",
    "直到验证任务的查询正确率达到 {goal:.0%}（笔画，5 类 1 样本，任务与设置相同）：{told}。",
)
_REACHED = Text("{name} {seconds:.3g} s", "{name} {seconds:.3g} 秒")
_LIVE = Text(
    "What makes a run live (events, probes, checkpoints) takes {told} of its time.",
    "实时展示（事件、探测、检查点）占训练时间的 {told}。",
)
_SOURCE = Text(
    "{device}. {date}, metaplay at commit {commit}. `{command}`",
    "{device}。{date}，metaplay 提交 {commit}。`{command}`",
)
_LIVES = {
    "W6-sinusoid": Text("{share:.1%} (sinusoid)", "{share:.1%}（正弦）"),
    "W6-omniglot": Text("{share:.1%} (Omniglot)", "{share:.1%} (Omniglot)"),
}


def draw(language: Language, theme: Theme) -> None:
    """Folded away, and drawn only when it is opened; nothing where nothing was measured."""
    found = {device: rows for device, rows in measured.devices(measured.RESULTS).items() if measured.meta_steps(rows)}
    if found:
        unfolded = st.expander(_HEAD(language), icon=":material/speed:", key="learn-speed", on_change="rerun")
        if unfolded.open:
            with unfolded:
                st.fragment(_draw)(found, language, theme)


def _draw(found: dict[str, list[Row]], language: Language, theme: Theme) -> None:
    device = next(iter(found))
    if len(found) > 1:
        device = st.selectbox(_DEVICE(language), list(found), key="speed-device")
    rows = found[device]
    _overview(rows, language, theme)
    workload = st.selectbox(
        _WORKLOAD(language),
        measured.meta_steps(rows),
        format_func=lambda name: f"{name}: {TITLES[name](language)}",
        key="speed-workload",
    )
    _workload(rows, workload, language, theme)
    if any(len(measured.scaling(rows, name)) > 1 for name in SCALED):
        words = scaling.alt(rows, language)
        drawn = scaling.lines(rows, language, theme)
        figure.show(drawn, key="speed-scaling", alt=words, explain=scaling.EXPLAIN, language=language, height=520)
    _whole(rows, language)


def _overview(rows: list[Row], language: Language, theme: Theme) -> None:
    height = 190 + 26 * len(measured.meta_steps(rows))
    figure.show(
        peers.overview(rows, language, theme),
        key="speed-all",
        alt=peers.overview_alt(rows, language),
        explain=peers.OVERVIEW_EXPLAIN,
        language=language,
        height=height,
    )


def _workload(rows: list[Row], workload: str, language: Language, theme: Theme) -> None:
    """One workload: its bars, what they say in words, and where the figures come from."""
    found = measured.compared(rows, workload)
    figure.show(
        peers.bars(rows, workload, language, theme),
        key="speed-bars",
        alt=peers.alt(rows, workload, language),
        explain=peers.EXPLAIN,
        language=language,
        height=110 + 34 * len(found),
    )
    st.markdown("\n".join(f"- {line}" for line in told(rows, workload, language)))
    _source(found[0], language)


def told(rows: list[Row], workload: str, language: Language) -> list[str]:
    """A workload's ratios in words, the share of the machine's peak, and who is left out."""
    found = measured.compared(rows, workload)
    ours = next(row for row in found if row.contender == REFERENCE)
    lines = [
        _compared(row, ours, times, language)
        for row, times in zip(found, peers.ratios(found), strict=True)
        if row is not ours
    ]
    if ours.share and ours.peak:
        threads = _THREADS.fill(count=ours.threads)(language)
        lines.append(_SHARE.fill(share=ours.share, peak=ours.peak / 1e9, threads=threads)(language))
    out = [
        f"{LABELS[name](language)} ({(_NOT if row.problem else _DIFFERS)(language)})"
        for name, row in measured.of(rows, workload).items()
        if row not in found
    ]
    return [*lines, _LEFT_OUT.fill(names=", ".join(out))(language)] if out else lines


def _compared(row: Row, ours: Row, times: float, language: Language) -> str:
    memory = _MEMORY.fill(times=row.memory / ours.memory)(language) if row.memory and ours.memory else ""
    return _AGAINST.fill(name=LABELS[row.contender](language), times=times, memory=memory)(language)


def _whole(rows: list[Row], language: Language) -> None:
    """What was measured of whole trainings."""
    raced = [
        _REACHED.fill(name=LABELS[name](language), seconds=row.reached)(language)
        for name, row in measured.of(rows, RACE).items()
        if row.reached
    ]
    if raced:
        st.markdown(_RACE.fill(goal=GOAL, told=", ".join(raced))(language))
    live = [
        words.fill(share=share)(language)
        for name, words in _LIVES.items()
        if (share := measured.overhead(rows, name)) is not None
    ]
    if live:
        st.markdown(_LIVE.fill(told=", ".join(live))(language))


def _source(row: Row, language: Language) -> None:
    st.caption(_SOURCE.fill(device=row.device, date=row.date, commit=row.commit, command=row.command)(language))
