"""What of a configuration may change while its run goes on, and why the rest may not."""

from collections.abc import Mapping

from metaplay.config.checks import ConfigError, applicable
from metaplay.config.making import parse
from metaplay.config.run import RunConfig
from metaplay.registry import ALGORITHMS
from metaplay.text import Text

CHANGEABLE = ("inner_lr", "outer_lr", "inner_steps")
"""The fields that may change while a run goes on, where the algorithm reads them and allows it."""
_PER_STEP = ("lslr", "bnrs", "bnwb")
"""Ingredients of MAML++ that have parameters or statistics of their own for each inner step."""
_LEARNED = Text(
    "{label} learns its inner rates; the inner rate of the form is only where they began, and stays.",
    "{label} 的内层学习率是学出来的；表单中的内层学习率只是起点，不能更改。",
)
_SIZED = Text(
    "MAML++ keeps things of its own for each inner step (LSLR, BNRS, BNWB), so the number of inner steps stays.",
    "MAML++ 为每个内层步保存各自的参数或统计量（LSLR、BNRS、BNWB），因此内层步数不能更改。",
)
_OTHER = Text(
    "{name} cannot change while a run goes on; start a new run with it.",
    "{name} 不能在训练过程中更改；请用新的值重新开始训练。",
)


def changeable(config: RunConfig) -> list[str]:
    """The fields of CHANGEABLE that mean something for this run, whether or not they may change."""
    return (
        [name for name in CHANGEABLE if name in applicable(config)] if ALGORITHMS[config.algorithm].meta_trains else []
    )


def fixed(config: RunConfig, name: str) -> Text | None:
    """Why this field cannot change while the run goes on, in a sentence; None where it can."""
    if name not in changeable(config):
        return _OTHER.fill(name=name)
    if name == "inner_lr" and (config.lslr or config.algorithm == "metasgd"):
        return _LEARNED.fill(label=ALGORITHMS[config.algorithm].label)
    if name == "inner_steps" and any(getattr(config, ingredient) for ingredient in _PER_STEP):
        return _SIZED
    return None


def changed(config: RunConfig, values: Mapping[str, float]) -> RunConfig:
    """The configuration of a run that goes on with other values. Raises ConfigError where that is not allowed."""
    for name, value in values.items():
        reason = fixed(config, name)
        if reason and value != getattr(config, name, None):
            raise ConfigError(reason)
    return parse({**config.model_dump(), **values})
