"""The configuration form. It shows the fields that apply and nothing else, all of it read from RunConfig and the registry.

The form's values live in the session as a plain dictionary, `st.session_state["form"]`: what the next run will be, valid or
not yet. Widgets are written from it before they are drawn, and write back to it when a person changes them.
"""

import math
from typing import Any, get_args

import streamlit as st

from metaplay import config
from metaplay.config import TABLES, ConfigError, RunConfig
from metaplay.registry import ALGORITHMS, FAMILIES, able, lacking
from metaplay.text import Language, Text

_GROUPS = {
    "task": Text("Task", "任务"),
    "adaptation": Text("Adaptation (inner loop)", "适应（内循环）"),
    "training": Text("Meta-training (outer loop)", "元训练（外循环）"),
    "mamlpp": Text("MAML++ switches", "MAML++ 开关"),
    "advanced": Text("Advanced", "高级设置"),
}
_CHOICES = {
    "classes": Text("classes", "类别"),
    "images": Text("images", "图像"),
    "sgd": Text("SGD", "SGD"),
    "adam": Text("Adam", "Adam"),
    "trpo": Text("TRPO", "TRPO"),
    "ppo": Text("PPO", "PPO"),
    "square": Text("in a square", "正方形内"),
    "circle": Text("on a circle", "圆上"),
    "plain": Text("plain", "plain（朴素）"),
    "lvc": Text("LVC", "LVC"),
    "dice": Text("DiCE", "DiCE"),
}


def put(wanted: RunConfig) -> None:
    """Fill the form with a configuration."""
    st.session_state["form"] = config.summary(wanted)


def values() -> dict[str, Any]:
    """What the form says now, field by field, valid or not."""
    return st.session_state["form"]


def current() -> RunConfig:
    """The configuration that the form describes. Raises ConfigError while its values do not fit together."""
    return config.parse(values())


def problem() -> Text | None:
    """Why the form's values cannot be run as they are."""
    try:
        return lacking(FAMILIES[current().family])
    except ConfigError as error:
        return error.text


def draw(language: Language) -> None:
    """The form, group by group, at the current place of the page."""
    names = config.applicable(RunConfig.model_construct(**values()))
    for group, title in _GROUPS.items():
        fields = [name for name in names if config.control(name).group == group and _has_choice(name)]
        if fields:
            st.markdown(f"**{title(language)}**")
            _draw_group(fields, language)


def _draw_group(fields: list[str], language: Language) -> None:
    """Wide controls first, then numbers two by two, then switches."""
    kinds = {name: RunConfig.model_fields[name].annotation for name in fields}
    for name in fields:
        if name in TABLES:
            _choice(name, language)
    small = [name for name in fields if kinds[name] is not bool and name not in TABLES]
    if small:
        with st.grid(2, min_column_width=110, gap="xsmall"):
            for name in small:
                _choice(name, language) if get_args(kinds[name]) else _number(name, language)
    for name in fields:
        if kinds[name] is bool:
            _switch(name, language)


def _has_choice(name: str) -> bool:
    return name != "network" or len(FAMILIES[values()["family"]].networks) > 1


def _options(name: str) -> list[str]:
    if name == "network":
        return list(FAMILIES[values()["family"]].networks)
    if name == "protocol":
        return list(FAMILIES[values()["family"]].protocols)
    if name == "algorithm":
        return [algorithm for algorithm in ALGORITHMS if able(algorithm, values()["family"])]
    if name == "family":
        return families(values()["family"])
    return list(TABLES[name]) if name in TABLES else list(get_args(RunConfig.model_fields[name].annotation))


def families(chosen: str) -> list[str]:
    """All families to choose from, and the one that is chosen: it may be of somebody's own data that are gone."""
    return list(dict.fromkeys((*FAMILIES, chosen)))


def _common(name: str, language: Language) -> dict[str, Any]:
    """What every control of the form has: its words, its key and what to do when it is changed.

    A control is also drawn with its value as its usual one: what sets it may be lost, where a rerun overtakes the one that
    brought it, and the browser would show, and send back, the least value.
    """
    show(_key(name), values()[name])
    control = config.control(name)
    said = control.help(language)
    if name in TABLES:
        said += " " + TABLES[name][values()[name]].summary(language)
    return {"label": control.label(language), "help": said, "key": _key(name), "on_change": _changed, "args": (name,)}


def _choice(name: str, language: Language) -> None:
    def label(option: str) -> str:
        said = TABLES[name][option].label if name in TABLES else _CHOICES[option]
        return said(language) if isinstance(said, Text) else said

    options, value = _options(name), values()[name]
    index = options.index(value) if value in options else 0
    st.selectbox(options=options, index=index, format_func=label, **_common(name, language))


def _switch(name: str, language: Language) -> None:
    st.toggle(value=values()[name], **_common(name, language))


def _number(name: str, language: Language) -> None:
    (low, high), value = config.bounds(name), values()[name]
    common = {"value": value, **_common(name, language)}
    if RunConfig.model_fields[name].annotation is int:
        st.number_input(min_value=int(low or 0), max_value=int(high or 0), step=1, **common)
    else:
        step = 10.0 ** (math.floor(math.log10(value)) - 1)
        st.number_input(min_value=1e-6, max_value=float(high or 1), step=step, format="%g", **common)


def show(key: str, value: Any) -> None:
    """Let the control of this key show a value. One that shows it is left alone: what is set anew replaces what a person types."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _key(name: str) -> str:
    return f"field-{name}"


def _changed(name: str) -> None:
    """A person changed a control. Another algorithm or family brings its own defaults along; what no longer applies goes."""
    value = st.session_state[_key(name)]
    changes = {} if name in ("algorithm", "family") else {name: value}
    wanted = RunConfig.model_construct(**{**values(), **changes})  # which need not fit together yet
    st.session_state["form"] = config.summary(wanted if changes else config.switched(wanted, name, value))
    st.session_state["refused"] = None
