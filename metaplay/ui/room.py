"""What a run needs of the machine's memory, said before it is trained."""

import streamlit as st

from metaplay import config, host
from metaplay.config import ConfigError, RunConfig
from metaplay.engine.room import trains_here
from metaplay.host import free_memory
from metaplay.text import Language, Text
from metaplay.ui import form

_NEEDS = Text("Memory for training: about {needed}.", "训练所需内存：约 {needed}。")
_FREE = Text(
    "Memory for training: about {needed}; {free} are free on this machine.",
    "训练所需内存：约 {needed}；本机空闲 {free}。",
)
_TOO_MUCH = Text(
    "This run needs about {needed} of memory, and {free} are free: {advice}.",
    "这次训练约需 {needed} 内存，而空闲内存只有 {free}：请{advice}。",
)
_UNFIT = Text(
    "Needs about {needed} of memory; a run may take {room} on this host.",
    "约需 {needed} 内存；在这台主机上一次训练最多可用 {room}。",
)


def unfit(wanted: RunConfig) -> Text | None:
    """Why this host, even while nothing else trains, has not the memory for a run; None where it has."""
    if not trains_here() or (needed := config.training_memory(wanted)) <= host.room():
        return None
    return _UNFIT.fill(needed=_size(needed), room=_size(host.room()))


def draw(language: Language) -> None:
    """A line at the current place of the page; a warning where the run will not fit. Nothing while the form's values do not fit
    together."""
    try:
        wanted = form.current()
    except ConfigError:
        return
    here = trains_here()
    needed = config.training_memory(wanted, "cpu" if here else "cuda")
    if not here:  # on a GPU, or on another machine, whose memory is not known here
        st.caption(_NEEDS.fill(needed=_size(needed))(language))
        return
    free = free_memory()
    said = {"needed": _size(needed), "free": _size(free)}
    if needed <= free:
        st.caption(_FREE.fill(**said)(language))
        return
    advice = config.advice(wanted)(language)
    st.warning(_TOO_MUCH.fill(**said, advice=advice)(language), icon=":material/memory:")


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, size / 1e6):.0f} MB"
