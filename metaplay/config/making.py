"""Configurations from what a person said: text of any origin, or changes to another configuration."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from metaplay.config.checks import TABLES, ConfigError, applicable, error, no_such
from metaplay.config.run import RunConfig, bounds
from metaplay.registry import ALGORITHMS, FAMILIES, Family, able
from metaplay.text import Text


def defaults(algorithm: str, family: str) -> RunConfig:
    """A sensible configuration of an algorithm on a family, from which presets and the form start.

    Raises ConfigError for a name that is not registered.
    """
    values: dict[str, Any] = {"algorithm": algorithm, "family": family}
    if algorithm in ALGORITHMS and family in FAMILIES:
        known, own = FAMILIES[family], ALGORITHMS[algorithm]
        suited = {**own.suited.get(known.kind, {}), **own.suited.get(family, {})}
        values = {**known.defaults, **own.defaults, **suited, **values}
        if known.kind == "classification":
            values |= _fitting(values, known)
        names = applicable(RunConfig.model_construct(**values))
        values = {name: value for name, value in values.items() if name in names}
    return parse(values)


def _fitting(values: Mapping[str, Any], family: Family) -> dict[str, Any]:
    """Those of the values that a small set of classes or examples is too small for, as large as it can bear them."""
    smallest, examples = min(family.classes.values()), family.per_class
    shot = min(values["shot"], examples - 1)
    query = min(values["query"], examples - shot)
    fitted = {"way": min(values["way"], smallest), "shot": shot, "query": query}
    if values.get("train_shot"):
        fitted["train_shot"] = min(values["train_shot"], examples - query)
    if values.get("train_way"):
        fitted["train_way"] = min(values["train_way"], family.classes["train"])
    return fitted


def parse(values: Mapping[str, Any]) -> RunConfig:
    """A RunConfig from values of any origin (text from a URL or the command line is converted).

    Raises ConfigError with one sentence about the first thing that is wrong; unknown keys are wrong too.
    """
    try:
        return RunConfig.model_validate(dict(values))
    except ValidationError as problem:
        raise _explain(problem) from None


def _explain(found: ValidationError) -> ConfigError:
    problem = found.errors()[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if name not in RunConfig.model_fields:
        return error(
            "{name}: there is no such setting; the settings are {choices}.",
            "{name}：没有这个设置；可用的设置有 {choices}。",
            name=name,
            choices=", ".join(RunConfig.model_fields),
        )
    value, (low, high) = problem["input"], bounds(name)
    if name in TABLES:
        return no_such(name, value)
    if problem["type"] == "literal_error":
        return error(
            "{name} = {value}: choose one of {choices}.",
            "{name} = {value}：请选择 {choices}。",
            name=name,
            value=value,
            choices=problem.get("ctx", {}).get("expected"),
        )
    if high is not None:
        kind = (
            Text("a whole number", "整数") if RunConfig.model_fields[name].annotation is int else Text("a number", "数")
        )
        above = Text("from", "") if kind.en == "a whole number" else Text("above", "大于")
        return ConfigError(
            Text(
                f"{name} = {value}: choose {kind.en} {above.en} {low:.10g} {'to' if above.en == 'from' else 'and at most'} {high:.10g}.",
                f"{name} = {value}：请取{kind.zh}，{'' if above.en == 'from' else '大于 '}{low:.10g}{' 到 ' if above.en == 'from' else '，不超过 '}{high:.10g}。",
            )
        )
    return error(
        "{name} = {value}: choose true or false.", "{name} = {value}：请选择 true 或 false。", name=name, value=value
    )


def revise(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """`config` with some values changed. Raises ConfigError as `parse` does.

    Another algorithm or family brings its own defaults along, and what no longer applies goes.
    """
    for name in ("algorithm", "family"):
        if changes.get(name, getattr(config, name)) != getattr(config, name):
            config = switched(config, name, changes[name])
    return parse({**config.model_dump(), **changes})


def switched(before: RunConfig, name: str, value: str) -> RunConfig:
    """`before` with another algorithm or family (`name`). Raises ConfigError for one that is not registered.

    The new pair's defaults, with whatever `before` had changed of its own and still applies: everything when the tasks stay
    the same, else only what is about the length and the seed of training and not about the tasks. A family that the algorithm
    cannot learn brings the first algorithm along that can.
    """
    usual = defaults(before.algorithm, before.family)
    pair = {"algorithm": before.algorithm, "family": before.family, name: value}
    if name == "family" and value in FAMILIES and not able(before.algorithm, value):
        pair["algorithm"] = next(algorithm for algorithm in ALGORITHMS if able(algorithm, value))
    fresh = defaults(**pair)
    lasting = applicable(fresh) if name == "algorithm" else ("steps", "seed", "eval_tasks")
    kept = {
        key: item
        for key, item in summary(before).items()
        if key in lasting and key not in ("algorithm", "family") and item != getattr(usual, key)
    }
    try:
        return parse({**fresh.model_dump(), **kept})
    except ConfigError:
        return fresh


def summary(config: RunConfig) -> dict[str, Any]:
    """The values that apply: what a share link carries and what a person is shown."""
    return {name: getattr(config, name) for name in applicable(config)}
