"""Health: how this server is, for those who operate it. Not in the navigation; its address is /health."""

import streamlit as st

from metaplay.engine.health import machine
from metaplay.text import Language, Text
from metaplay.ui import figure, navigation
from metaplay.ui.engine import engine
from metaplay.ui.markdown_table import markdown_table

_EVERY = 5.0
_GB = 1e9
_TITLE = Text("How this server is", "服务器状态")
_INTRO = Text(
    "For those who operate it. The command health tells the same to a script, and of all servers of these runs.",
    "供运维人员查看。命令 health 可供脚本查询，并包括使用同一训练目录的所有服务器。",
)
_WELL = Text(
    "Workers: {workers}, on {device}. Runs: {running} going, {queued} waiting.",
    "{workers} 个工作进程，设备 {device}：{running} 个训练在进行，{queued} 个在排队。",
)
_WARMS = Text("a device not known yet", "未知设备")
_ILL = Text(
    "No worker is there yet. Where that stays so, see the server's standard error, or run `python -m metaplay doctor`.",
    "还没有工作进程。如果一直如此，请查看服务器的标准错误输出，或运行 `python -m metaplay doctor`。",
)
_WHAT, _VALUE = Text("What", "项目"), Text("Value", "数值")
_CORES = Text("Processor cores", "处理器核心")
_MEMORY = Text("Memory free", "空闲内存")
_DISK = Text("Disk free", "空闲磁盘")
_SMALL, _IS_SMALL = Text("Profile", "配置"), Text("small host", "小型主机")
_OF = Text("{free:.1f} of {most:.1f} GB", "{free:.1f} GB（共 {most:.1f} GB）")


def draw(language: Language) -> None:
    """The whole page, looked at anew every few seconds."""
    navigation.head(language, _TITLE, _INTRO)
    figure.part(_shown, language, every=_EVERY)


def _shown(language: Language) -> None:
    info, here = engine().info(), machine(engine().store.root)
    if info.workers:
        device = info.device or _WARMS(language)
        st.success(_WELL.fill(workers=info.workers, device=device, running=info.running, queued=info.queued)(language))
    else:
        st.warning(_ILL(language))
    rows = {
        _CORES: str(here["cores"]),
        _MEMORY: _OF.fill(free=here["memory_free"] / _GB, most=here["memory"] / _GB)(language),
        _DISK: f"{here['disk_free'] / _GB:.1f} GB",
        **({_SMALL: _IS_SMALL(language)} if here["small_host"] else {}),
    }
    said = {name(language): value for name, value in rows.items()} | here["versions"]
    markdown_table([_WHAT(language), _VALUE(language)], said.items())
