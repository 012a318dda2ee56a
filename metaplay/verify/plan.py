"""Which configurations are verified, from what a person asked for. Imports no torch: a mistake is told at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from metaplay.config import RunConfig, applicable, defaults, revise
from metaplay.config.checks import no_such
from metaplay.presets import preset
from metaplay.registry import ALGORITHMS, able
from metaplay.text import Text, UserError

_SMALL: dict[str, Any] = {"inner_steps": 2, "width": 8, "query": 2}
EVERYTHING: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("sinusoid", {"inner_steps": 3, "da": True}),
    ("strokes", {**_SMALL, "network": "conv4", "da": True}),
    ("strokes", {**_SMALL, "network": "conv4-pool", "transductive": False}),
    ("everyday", {**_SMALL, "way": 3, "da": True}),
)
"""What is verified where no preset is named: each family that needs no data, each network, both orders of MAML++."""


def plan(name: str | None, values: Mapping[str, Any], algorithms: Sequence[str], every: bool) -> list[RunConfig]:
    """The configurations of a preset (None: `EVERYTHING`) with `values` changed, for its own algorithm or those named.

    With `every`, for all that can learn its tasks. Where there are several algorithms by `every` or without a preset, a value
    is left out for those to which it does not apply. Raises UserError for a mistake in any of them.
    """
    for algorithm in algorithms:
        if algorithm not in ALGORITHMS:
            raise no_such("algorithm", algorithm)
    if algorithms and every:
        raise UserError(Text("--all and --algorithm: choose one of the two.", "--all 与 --algorithm：请只用其中之一。"))
    if name is not None and not every:
        config = preset(name).config
        return [revise(config, {"algorithm": item, **values}) for item in algorithms or [config.algorithm]]
    wanted = algorithms or list(ALGORITHMS)
    if name is not None:
        return _suited(preset(name).config, wanted, {}, values)
    found = (_suited(defaults("maml", family), wanted, own, values) for family, own in EVERYTHING)
    return [config for configs in found for config in configs]


def _suited(
    base: RunConfig, algorithms: Sequence[str], own: Mapping[str, Any], values: Mapping[str, Any]
) -> list[RunConfig]:
    """`base` for each of the algorithms that can learn its family, with what applies to it of `own` and then of `values`.

    Raises ConfigError for one of `values` that applies to none.
    """
    base = revise(base, {key: value for key, value in values.items() if key == "family"})
    configs, used = [], set[str]()
    for algorithm in algorithms:
        if able(algorithm, base.family):
            config = revise(base, {"algorithm": algorithm})
            fitting = {key for key in {**own, **values} if key in applicable(config)}
            used |= fitting
            configs.append(revise(config, {key: value for key, value in {**own, **values}.items() if key in fitting}))
    if left := {key: value for key, value in values.items() if key not in used and configs}:
        revise(configs[0], left)
    return configs
