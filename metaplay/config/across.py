"""Which families a run can be tested on beside its own: it adapts to their tasks as to its own, of as many ways and shots."""

from metaplay.config.checks import ConfigError, error, no_such
from metaplay.config.run import RunConfig
from metaplay.registry import FAMILIES, Family
from metaplay.text import Text

_GREY, _COLOUR = Text("grey images", "灰度图像"), Text("colour images", "彩色图像")
_VECTORS = Text("vectors of {dims} numbers", "{dims} 维向量")
_SENTENCES, _CURVES = Text("sentences", "文本"), Text("curves", "曲线")
_STATES = Text("what an agent of {family} observes", "{family} 中智能体的观测")


def across(config: RunConfig, family: str) -> RunConfig:
    """The run's configuration with the tasks of `family`, whose classes are dealt out plainly and never turned; as it is where
    that is its own family. Raises ConfigError where the run cannot take such tasks."""
    if family == config.family:
        return config
    if family not in FAMILIES:
        raise no_such("family", family)
    _check(config, family)
    return config.model_copy(update={"family": family, "protocol": "plain", "hold_out": "classes", "rotations": False})


def fits(config: RunConfig, family: str) -> bool:
    """Whether the run can be tested on the family."""
    try:
        across(config, family)
    except ConfigError:
        return False
    return True


def _check(config: RunConfig, family: str) -> None:
    ours, theirs = FAMILIES[config.family], FAMILIES[family]
    if _examples(ours) != _examples(theirs):
        raise error(
            "A run on {ours} cannot be tested on {theirs}: its network takes {own}, and those are {other}.",
            "{ours} 上的训练无法在 {theirs} 上测试：其网络的输入是{own}，而后者是{other}。",
            ours=ours.label,
            theirs=theirs.label,
            own=_examples(ours),
            other=_examples(theirs),
        )
    if theirs.kind == "classification" and config.way > (most := sum(theirs.classes.values())):
        raise error(
            "A {way}-way run cannot be tested on {theirs}, which has {most} classes in all.",
            "{way} 类的训练无法在 {theirs} 上测试：后者总共只有 {most} 个类别。",
            way=config.way,
            theirs=theirs.label,
            most=most,
        )
    if theirs.kind == "classification" and (needed := config.shot + config.query) > theirs.per_class:
        raise error(
            "A run with {needed} examples of each class in a task (shot + query) cannot be tested on {theirs}, which has {most}.",
            "每个任务每类需要 {needed} 个样本（shot + query）的训练无法在 {theirs} 上测试：后者每类只有 {most} 个。",
            needed=needed,
            theirs=theirs.label,
            most=theirs.per_class,
        )


def _examples(family: Family) -> Text:
    """What an example is: a convolution takes images of any size, but of its own number of channels."""
    if family.kind == "regression":
        return _CURVES
    if family.kind == "control":
        return _STATES.fill(family=family.label)
    if family.text:
        return _VECTORS.fill(dims=family.dims) if family.dims else _SENTENCES
    return _COLOUR if family.shape[0] == 3 else _GREY
