"""RunConfig: the one description of a run. The form, the command line, share links, presets and run folders all read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS
from metaplay.text import Text, UserError

_TABLES: dict[str, Mapping[str, object]] = {"algorithm": ALGORITHMS, "family": FAMILIES, "network": NETWORKS}

EPOCHS = 100
"""A run is divided into this many epochs; MAML++ anneals by epoch, as its paper does (100 epochs of 500 steps)."""


@dataclass(frozen=True)
class Control:
    """How a field is put before a person: its name, one sentence on what it does, and the group it stands in."""

    label: Text
    help: Text
    group: Literal["task", "adaptation", "training", "mamlpp"]


class ConfigError(UserError):
    """A configuration that cannot be run; the text says which value and what is allowed."""


def _control(group: Literal["task", "adaptation", "training", "mamlpp"], en: str, zh: str, en_help: str, zh_help: str):
    return Control(Text(en, zh), Text(en_help, zh_help), group)


class RunConfig(BaseModel):
    """Everything that decides how a run goes. The same RunConfig on the same machine gives the same run."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    algorithm: Annotated[
        str, _control("task", "Algorithm", "算法", "How the network learns to learn.", "网络以何种方式学会学习。")
    ] = "maml"
    family: Annotated[
        str, _control("task", "Tasks", "任务族", "What every task is made of.", "每个任务由什么构成。")
    ] = "sinusoid"
    network: Annotated[
        str, _control("task", "Network", "网络", "The model that adapts to each task.", "对每个任务进行适应的模型。")
    ] = "mlp"
    width: Annotated[
        int,
        Field(ge=4, le=256),
        _control(
            "task",
            "Width",
            "宽度",
            "Units in each hidden layer, or filters in each convolution.",
            "每个隐藏层的单元数，或每个卷积层的滤波器数。",
        ),
    ] = 40
    way: Annotated[
        int,
        Field(ge=2, le=60),
        _control("task", "Ways", "类别数 (way)", "Classes to tell apart in one task.", "一个任务中需要区分的类别数。"),
    ] = 5
    shot: Annotated[
        int,
        Field(ge=1, le=50),
        _control(
            "task",
            "Shots",
            "样本数 (shot)",
            "Labelled examples to adapt from: per class, or points on a curve.",
            "用于适应的带标签样本数：每类几个，或曲线上几个点。",
        ),
    ] = 10
    query: Annotated[
        int,
        Field(ge=1, le=50),
        _control(
            "task",
            "Queries",
            "查询数",
            "New examples that test the adapted network: per class, or points.",
            "检验适应后网络的新样本数：每类几个，或几个点。",
        ),
    ] = 10
    hold_out: Annotated[
        Literal["classes", "images"],
        _control(
            "task",
            "Held out",
            "留出方式",
            "What the test has never seen: whole classes (meta-learning) or only new images of fixed, known classes (ordinary learning).",
            "测试中从未见过的是什么：整个类别（元学习），还是固定已知类别的新图像（普通学习）。",
        ),
    ] = "classes"
    rotations: Annotated[
        bool,
        _control(
            "task",
            "Rotations",
            "旋转增强",
            "Turn each training class by a random quarter turn, which makes four times as many classes.",
            "训练时把每个类别随机旋转 90° 的倍数，相当于四倍的类别。",
        ),
    ] = False
    inner_steps: Annotated[
        int,
        Field(ge=1, le=20),
        _control(
            "adaptation",
            "Inner steps",
            "内层步数",
            "Gradient steps on each task while meta-training.",
            "元训练时在每个任务上走的梯度步数。",
        ),
    ] = 1
    test_inner_steps: Annotated[
        int,
        Field(ge=1, le=100),
        _control(
            "adaptation",
            "Inner steps at test",
            "测试时内层步数",
            "Gradient steps on each held-out task when it is tested.",
            "测试留出任务时走的梯度步数。",
        ),
    ] = 5
    inner_lr: Annotated[
        float,
        Field(gt=0, le=10),
        _control(
            "adaptation",
            "Inner rate",
            "内层学习率",
            "Size of each gradient step on a task.",
            "在任务上每一步梯度下降的步长。",
        ),
    ] = 0.01
    inner_optimizer: Annotated[
        Literal["sgd", "adam"],
        _control(
            "adaptation",
            "Inner optimiser",
            "内层优化器",
            "How the steps on a task are taken.",
            "在任务上如何走每一步。",
        ),
    ] = "sgd"
    inner_batch: Annotated[
        int,
        Field(ge=0, le=500),
        _control(
            "adaptation",
            "Inner batch",
            "内层批量",
            "Support examples per inner step, cycled without repeats; 0 takes them all.",
            "每个内层步使用的支持样本数，循环且不重复；0 表示全部使用。",
        ),
    ] = 0
    train_shot: Annotated[
        int,
        Field(ge=0, le=50),
        _control(
            "adaptation",
            "Shots in training",
            "训练时样本数",
            "Support examples per class while meta-training; 0 means as many as at test.",
            "元训练时每类的支持样本数；0 表示与测试相同。",
        ),
    ] = 0
    transductive: Annotated[
        bool,
        _control(
            "adaptation",
            "Transductive",
            "直推式",
            "Batch normalisation may look at all queries of a task together, as the MAML paper does; off, each query is judged alone.",
            "批归一化可同时看到一个任务的所有查询样本（MAML 论文的做法）；关闭后每个查询单独判断。",
        ),
    ] = True
    meta_batch: Annotated[
        int,
        Field(ge=1, le=256),
        _control("training", "Meta-batch", "元批量", "Tasks per meta-step.", "每个元步使用的任务数。"),
    ] = 25
    outer_lr: Annotated[
        float,
        Field(gt=0, le=10),
        _control(
            "training",
            "Outer rate",
            "外层学习率",
            "Size of the steps of the starting point itself.",
            "起点本身每次移动的步长。",
        ),
    ] = 0.001
    steps: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        _control("training", "Length", "训练长度", "Meta-steps in the whole run.", "整个训练的元步数。"),
    ] = 10_000
    seed: Annotated[
        int,
        Field(ge=0, le=2**31 - 1),
        _control(
            "training",
            "Seed",
            "随机种子",
            "The same seed gives the same run again.",
            "相同的种子会得到相同的训练过程。",
        ),
    ] = 0
    eval_tasks: Annotated[
        int,
        Field(ge=2, le=10_000),
        _control(
            "training",
            "Test tasks",
            "测试任务数",
            "Held-out tasks that the final figure is averaged over.",
            "最终指标在多少个留出任务上取平均。",
        ),
    ] = 600
    msl: Annotated[
        bool,
        _control(
            "mamlpp",
            "Multi-step loss",
            "多步损失 (MSL)",
            "Early on, the query loss after every inner step counts, not only after the last.",
            "训练初期，每个内层步之后的查询损失都计入，而不只是最后一步。",
        ),
    ] = False
    lslr: Annotated[
        bool,
        _control(
            "mamlpp",
            "Learned inner rates",
            "学习的内层学习率 (LSLR)",
            "One learned inner rate for each layer and step.",
            "每层、每步各有一个可学习的内层学习率。",
        ),
    ] = False
    da: Annotated[
        bool,
        _control(
            "mamlpp",
            "First order at first",
            "导数阶退火 (DA)",
            "Uses first-order gradients for the first half of the run, exact ones afterwards.",
            "训练前半程使用一阶梯度，之后使用精确梯度。",
        ),
    ] = False
    bnrs: Annotated[
        bool,
        _control(
            "mamlpp",
            "Per-step statistics",
            "逐步批归一化统计量 (BNRS)",
            "Running batch-norm statistics for each inner step; they judge the queries when the run is not transductive.",
            "为每个内层步保存批归一化统计量；非直推时用它们归一化查询样本。",
        ),
    ] = False
    bnwb: Annotated[
        bool,
        _control(
            "mamlpp",
            "Per-step scale and shift",
            "逐步缩放与平移 (BNWB)",
            "Batch-norm scale and shift of its own for each inner step.",
            "每个内层步有各自的批归一化缩放与平移参数。",
        ),
    ] = False
    ca: Annotated[
        bool,
        _control(
            "mamlpp",
            "Cosine outer rate",
            "外层余弦退火 (CA)",
            "Lets the outer rate fall along a cosine over the run.",
            "外层学习率沿余弦曲线逐渐下降。",
        ),
    ] = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, table in _TABLES.items():
            if getattr(self, name) not in table:
                raise _no_such(name, getattr(self, name))
        self._check_fields_apply()
        family = FAMILIES[self.family]
        if self.network not in family.networks:
            raise _error(
                "network = {value} cannot take {family} tasks; choose one of {choices}.",
                "network = {value} 不适用于任务族 {family}；请选择 {choices}。",
                value=self.network,
                family=self.family,
                choices=", ".join(family.networks),
            )
        if family.kind == "classification":
            self._check_enough_examples(family.classes, family.examples(self.hold_out))
        if self.test_inner_steps < self.inner_steps and "inner_steps" in applicable(self):
            raise _error(
                "test_inner_steps = {test} is less than inner_steps = {train}: test with at least as many steps as in training.",
                "test_inner_steps = {test} 小于 inner_steps = {train}：测试步数不应少于训练步数。",
                test=self.test_inner_steps,
                train=self.inner_steps,
            )
        return self

    def _check_fields_apply(self) -> None:
        names = applicable(self)
        for name, field in RunConfig.model_fields.items():
            if name not in names and getattr(self, name) != field.default:
                raise _error(
                    "{name} does not apply to {algorithm} on {family}{held_out}; leave it out.",
                    "{name} 不适用于 {family}{held_out} 上的 {algorithm}；请去掉它。",
                    name=name,
                    algorithm=self.algorithm,
                    family=self.family,
                    held_out=" with hold_out = images" if self.hold_out == "images" else "",
                )

    def _check_enough_examples(self, classes: Mapping[str, int], available: int) -> None:
        limit = sum(classes.values()) if self.hold_out == "images" else min(classes.values())
        if self.way > limit:
            raise _error(
                "way = {way} is more than the {limit} classes that {family} holds out for a task; choose at most {limit}.",
                "way = {way} 超过了 {family} 每个任务可用的 {limit} 个类别；最多选 {limit}。",
                way=self.way,
                limit=limit,
                family=self.family,
            )
        needed = max(self.shot, self.train_shot) + self.query
        if needed > available:
            raise _error(
                "shot + query = {needed} is more than the {available} images that each class of {family} has for a task; lower one of them.",
                "shot + query = {needed} 超过了 {family} 每类可用的 {available} 张图像；请减小其中之一。",
                needed=needed,
                available=available,
                family=self.family,
            )


COMMON_FIELDS = (
    "algorithm", "family", "network", "width", "shot", "query", "test_inner_steps", "inner_lr", "steps", "seed", "eval_tasks",
)  # fmt: skip


def _error(en: str, zh: str, **values: object) -> ConfigError:
    return ConfigError(Text(en, zh).fill(**values))


def _no_such(name: str, value: object) -> ConfigError:
    return _error(
        "{name} = {value}: there is none of that name; choose one of {choices}.",
        "{name} = {value}：没有这个选项；请选择 {choices}。",
        name=name,
        value=value,
        choices=", ".join(_TABLES[name]),
    )


def applicable(config: RunConfig) -> list[str]:
    """The fields that mean something for this algorithm, family and network, in the order in which they are declared."""
    algorithm = ALGORITHMS[config.algorithm]
    names = {*COMMON_FIELDS, *algorithm.fields, *FAMILIES[config.family].fields}
    if not algorithm.meta_trains:
        names -= {"steps", "rotations"}
    if config.hold_out == "images":  # a turned image is of another class, and here the classes are fixed
        names -= {"rotations"}
    if not NETWORKS[config.network].norm:
        names -= {"bnrs", "bnwb"}
    return [name for name in RunConfig.model_fields if name in names]


def control(name: str) -> Control:
    """How the field `name` is put before a person."""
    return next(item for item in RunConfig.model_fields[name].metadata if isinstance(item, Control))


def bounds(name: str) -> tuple[float | None, float | None]:
    """Least and greatest value of a numeric field (the least is exclusive for rates)."""
    found: dict[str, float] = {}
    for item in RunConfig.model_fields[name].metadata:
        for key in ("ge", "gt", "le"):
            if getattr(item, key, None) is not None:
                found[key[0]] = getattr(item, key)
    return found.get("g"), found.get("l")


def defaults(algorithm: str, family: str) -> RunConfig:
    """A sensible configuration of an algorithm on a family, from which presets and the form start.

    Raises ConfigError for a name that is not registered.
    """
    values: dict[str, Any] = {"algorithm": algorithm, "family": family}
    if algorithm in ALGORITHMS and family in FAMILIES:
        suited = ALGORITHMS[algorithm].suited.get(FAMILIES[family].kind, {})
        values = {**FAMILIES[family].defaults, **ALGORITHMS[algorithm].defaults, **suited, **values}
        names = applicable(RunConfig.model_construct(**values))
        values = {name: value for name, value in values.items() if name in names}
    return parse(values)


def parse(values: Mapping[str, Any]) -> RunConfig:
    """A RunConfig from values of any origin (text from a URL or the command line is converted).

    Raises ConfigError with one sentence about the first thing that is wrong; unknown keys are wrong too.
    """
    try:
        return RunConfig.model_validate(dict(values))
    except ValidationError as error:
        raise _explain(error) from None


def _explain(error: ValidationError) -> ConfigError:
    problem = error.errors()[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if name not in RunConfig.model_fields:
        return _error(
            "{name}: there is no such setting; the settings are {choices}.",
            "{name}：没有这个设置；可用的设置有 {choices}。",
            name=name,
            choices=", ".join(RunConfig.model_fields),
        )
    value, (low, high) = problem["input"], bounds(name)
    if name in _TABLES:
        return _no_such(name, value)
    if problem["type"] == "literal_error":
        return _error(
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
    return _error(
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
    the same, else only what is about the length and the seed of training and not about the tasks.
    """
    usual = defaults(before.algorithm, before.family)
    fresh = defaults(**{"algorithm": before.algorithm, "family": before.family, name: value})
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
