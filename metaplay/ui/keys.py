"""The keys of the keyboard: one that Streamlit keeps for itself, and a dialog that tells them all."""

import streamlit as st
from streamlit.components.v2 import component

from metaplay.text import Language, Text

TRAIN, STEP, STOP, HELP = "Space", "Right", "X", "H"
"""The shortcuts of buttons; Reset has R, which Streamlit gives to no button."""
_TITLE = Text("Keys", "键盘")
_SHOWN: dict[str, Text] = {
    "Space": Text("Train; while a run goes on: pause, and go on", "训练；训练进行时：暂停与继续"),
    "→": Text("One meta-step", "一个元步"),
    "X": Text("Stop", "停止"),
    "R": Text("Reset", "重置"),
    "H": Text("This list", "本列表"),
}
# R anywhere but in a field presses the reset button; Streamlit, whose own key it is, draws the page anew at that, which harms nothing.
_JS = """
export default function () {
  const pressed = (event) => {
    const field = event.target.closest?.("input, textarea, select, [contenteditable=true]")
    if (field || event.key.toLowerCase() !== "r" || event.ctrlKey || event.metaKey || event.altKey) return
    document.querySelector(".st-key-reset button:not(:disabled)")?.click()
  }
  window.addEventListener("keydown", pressed)
  return () => window.removeEventListener("keydown", pressed)
}
"""
_CAP = (
    "display:inline-block; min-width:4rem; margin-right:0.8rem; padding:0.15rem 0.6rem; border:1px solid rgba(128,128,128,0.5); "
    "border-bottom-width:3px; border-radius:6px; text-align:center; font:inherit; font-weight:600"
)
_COMPONENT = component("metaplay_keys", html="<span hidden></span>", js=_JS)


def draw(language: Language) -> None:
    """Listen for R, and a button that opens the list of keys."""
    _COMPONENT(key="keys", width=1, height=1)
    if st.button(
        _TITLE(language),
        key="keys-help",
        icon=":material/keyboard:",
        type="tertiary",
        shortcut=HELP,
        help=_help(language),
    ):
        _dialog(language)


def _help(language: Language) -> str:
    return " · ".join(f"{key} {said(language)}" for key, said in _SHOWN.items())


def _dialog(language: Language) -> None:
    @st.dialog(_TITLE(language), width="small")
    def shown() -> None:
        for key, said in _SHOWN.items():
            st.html(f"<kbd style='{_CAP}'>{key}</kbd>{said(language)}")

    shown()
