"""What of a configuration must fit together, and which fields mean something for it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS, PROTOCOLS, able
from metaplay.text import Text, UserError

if TYPE_CHECKING:
    from metaplay.config.run import RunConfig
    from metaplay.registry import Family

TABLES: dict[str, Mapping[str, Any]] = {
    "algorithm": ALGORITHMS,
    "family": FAMILIES,
    "network": NETWORKS,
    "protocol": PROTOCOLS,
}
"""The fields whose values are names of a registry."""

COMMON_FIELDS = (
    "algorithm", "family", "network", "width", "shot", "query", "test_inner_steps", "inner_lr", "steps", "seed", "eval_tasks",
)  # fmt: skip


class ConfigError(UserError):
    """A configuration that cannot be run; the text says which value and what is allowed."""


def check(config: "RunConfig") -> None:
    """Raises ConfigError about the first thing in a configuration that does not fit together."""
    for name, table in TABLES.items():
        if getattr(config, name) not in table:
            raise no_such(name, getattr(config, name))
    family = FAMILIES[config.family]
    if not able(config.algorithm, config.family):
        raise error(
            "algorithm = {algorithm} cannot learn {family}; choose another of the two, such as algorithm = {other}.",
            "algorithm = {algorithm} 无法学习 {family}；请更换其中之一，例如 algorithm = {other}。",
            algorithm=config.algorithm,
            family=config.family,
            other=next(name for name in ALGORITHMS if able(name, config.family)),
        )
    _check_fields_apply(config)
    if config.protocol not in (family.protocols or ("plain",)):
        raise error(
            "protocol = {value} is not one of {family}'s; choose one of {choices}.",
            "protocol = {value} 不适用于 {family}；请选择 {choices}。",
            value=config.protocol,
            family=config.family,
            choices=", ".join(family.protocols),
        )
    if config.network not in family.networks:
        raise error(
            "network = {value} cannot take {family} tasks; choose one of {choices}.",
            "network = {value} 不适用于任务族 {family}；请选择 {choices}。",
            value=config.network,
            family=config.family,
            choices=", ".join(family.networks),
        )
    if family.kind == "classification":
        protocol = PROTOCOLS[config.protocol]
        _check_enough_classes(config, protocol.classes(family.characters(protocol)))
        _check_enough_examples(config, family.examples(config.hold_out))
        _check_others(config, family)
    if config.test_inner_steps < config.inner_steps and "inner_steps" in applicable(config):
        raise error(
            "test_inner_steps = {test} is less than inner_steps = {train}: test with at least as many steps as in training.",
            "test_inner_steps = {test} 小于 inner_steps = {train}：测试步数不应少于训练步数。",
            test=config.test_inner_steps,
            train=config.inner_steps,
        )


def _check_fields_apply(config: "RunConfig") -> None:
    names = applicable(config)
    for name, field in type(config).model_fields.items():
        if name not in names and getattr(config, name) != field.default:
            raise error(
                "{name} does not apply to {algorithm} on {family}{where}; leave it out.",
                "{name} 不适用于 {family}{where} 上的 {algorithm}；请去掉它。",
                name=name,
                algorithm=config.algorithm,
                family=config.family,
                where=_where(config, name),
            )


def _where(config: "RunConfig", name: str) -> str:
    """What else decides whether the field applies, if that is not as usual."""
    if config.hold_out == "images" and name != "hold_out":
        return " with hold_out = images"
    if config.protocol != "plain" and name != "protocol":
        return f" with protocol = {config.protocol}"
    return ""


def _check_enough_classes(config: "RunConfig", classes: Mapping[str, int]) -> None:
    """`classes` are those of each split that an episode's are drawn from."""
    limit = sum(classes.values()) if config.hold_out == "images" else min(classes.values())
    if config.way > limit:
        raise error(
            "way = {way} is more than the {limit} classes that {family} holds out for a task; choose at most {limit}.",
            "way = {way} 超过了 {family} 每个任务可用的 {limit} 个类别；最多选 {limit}。",
            way=config.way,
            limit=limit,
            family=config.family,
        )
    if config.train_way == 1 or config.train_way > classes["train"]:
        raise error(
            "train_way = {way}: choose 2 or more of the {classes} training classes of {family}, or 0 for as many as at test.",
            "train_way = {way}：请选择 2 个或更多类别（{family} 有 {classes} 个训练类别），或 0，表示与测试相同。",
            way=config.train_way,
            classes=classes["train"],
            family=config.family,
        )


def _check_others(config: "RunConfig", family: "Family") -> None:
    """Out-of-scope queries are of other classes, where the set has none of no class at all."""
    if config.out_of_scope and not family.outside and config.way >= (limit := min(family.classes.values())):
        raise error(
            "out_of_scope = true needs classes that are not in the task, and {family} holds out {limit}: choose fewer than {limit} ways.",
            "out_of_scope = true 需要任务之外的类别，而 {family} 只留出 {limit} 个：way 请小于 {limit}。",
            family=config.family,
            limit=limit,
        )


def _check_enough_examples(config: "RunConfig", available: int) -> None:
    needed = max(config.shot, config.train_shot) + config.query
    if needed > available:
        raise error(
            "shot + query = {needed} is more than the {available} examples that each class of {family} has for a task; lower one of them.",
            "shot + query = {needed} 超过了 {family} 每类可用的 {available} 个样本；请减小其中之一。",
            needed=needed,
            available=available,
            family=config.family,
        )


def applicable(config: "RunConfig") -> list[str]:
    """The fields that mean something for this algorithm, family and network, in the order in which they are declared."""
    algorithm = ALGORITHMS[config.algorithm]
    family = FAMILIES[config.family]
    names = {*COMMON_FIELDS, *algorithm.kind_fields(family.kind), *family.fields} - {*algorithm.without}
    if not algorithm.meta_trains:
        names -= {"steps", "rotations"}
    if config.hold_out == "images":  # a turned image is of another class, and here the classes are fixed
        names -= {"rotations", "protocol", "train_way"}
    if config.protocol != "plain":  # the protocol says what is turned
        names -= {"rotations"}
    if not NETWORKS[config.network].norm:
        names -= {"bnrs", "bnwb"}
    if "outer_optimizer" in names:
        names -= {"outer_lr"} if config.outer_optimizer == "trpo" else {"kl_limit"}
    return [name for name in type(config).model_fields if name in names]


def error(en: str, zh: str, **values: object) -> ConfigError:
    """What is wrong, in both languages, with `values` filled in."""
    return ConfigError(Text(en, zh).fill(**values))


def no_such(name: str, value: object) -> ConfigError:
    """The value of a field that names an entry of the registry, and there is none of that name."""
    return error(
        "{name} = {value}: there is none of that name; choose one of {choices}.",
        "{name} = {value}：没有这个选项；请选择 {choices}。",
        name=name,
        value=value,
        choices=", ".join(TABLES[name]),
    )
