"""Presets as cards, each with a sketch of what it does: one click fills the form. Grey is what this host has not the memory for."""

import streamlit as st

from metaplay import config
from metaplay.presets import CARDS, Preset
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text
from metaplay.ui import form, room
from metaplay.ui.sketch import as_url, sketch

_START = Text("Start from", "从这里开始")
MOST = 6
"""Cards in a row."""


def draw(language: Language) -> None:
    """The cards of one task family at a time, the form's own family first if it has any."""
    families = list(dict.fromkeys(preset.family for preset in CARDS.values()))
    own = form.values()["family"]
    first = st.session_state.setdefault("cards", own if own in families else families[0])
    family = st.segmented_control(
        _START(language),
        families,
        format_func=lambda name: FAMILIES[name].label,
        default=first,  # a browser that missed what the state says would say that nothing is chosen
        key="cards",
        label_visibility="collapsed",
        required=True,
    )
    shown = {name: preset for name, preset in CARDS.items() if preset.family == family}
    st.html(_style(shown))
    with st.grid(_columns(len(shown)), min_column_width=150, gap="xsmall"):
        for name, preset in shown.items():
            label = f"**{ALGORITHMS[preset.algorithm].label}** {preset.title(language)}"
            reason = room.unfit(preset.config)
            st.button(
                label,
                key=f"preset-{name}",
                on_click=_choose,
                args=(preset,),
                disabled=reason is not None,
                help=reason and reason(language),
                width="stretch",
                wrap=True,
            )


def held() -> list[str]:
    """The presets that the form holds as they are."""
    values = form.values()
    of = values["algorithm"], values["family"]
    return [
        name
        for name, preset in CARDS.items()
        if (preset.algorithm, preset.family) == of and values == config.summary(preset.config)
    ]


def _choose(preset: Preset) -> None:
    form.put(preset.config)
    st.session_state["refused"] = None


def _columns(cards: int) -> int:
    """As many as there are cards where they fit side by side, else such that no card is alone in its row."""
    return cards if cards <= MOST else -(-cards // 2)


def _style(shown: dict[str, Preset]) -> str:
    """A card carries a sketch and the colour of its algorithm; the one that the form holds is filled."""
    rules = [
        "[class*='st-key-preset-'] button {text-align: left; min-height: 9.7rem; padding-top: 3.9rem; align-items: flex-start;"
        " background-repeat: no-repeat; background-position: 0.8rem 0.7rem}"
        "[class*='st-key-preset-'] button :is(div, span) {width: 100%; text-align: left}"
        "[class*='st-key-preset-'] button strong {display: block}"
        # On a phone the sketch stands beside the name, so that the charts are not far below.
        "@media (max-width: 640px) {[class*='st-key-preset-'] button {min-height: 5.6rem; padding-top: 0.6rem;"
        " background-size: 60px; background-position: right 0.5rem top 0.4rem}"
        "[class*='st-key-preset-'] button strong {min-height: 1.7rem}"
        # and the families are in one row, which one pushes aside.
        ".st-key-cards [role='radiogroup'] {flex-wrap: nowrap; overflow-x: auto}"
        ".st-key-cards [role='radiogroup'] > * {flex: none}}",
    ]
    chosen = held()
    for name, preset in shown.items():
        colour = ALGORITHMS[preset.algorithm].colour
        picture = f'background-image: url("{as_url(sketch(preset.algorithm, preset.family))}")'
        filled = f"background-color: {colour}22" if name in chosen else ""
        rules.append(f".st-key-preset-{name} button {{border-left: 5px solid {colour}; {picture}; {filled}}}")
    return f"<style>{''.join(rules)}</style>"
