"""What was found in a person's file, in a few sentences."""

from metaplay.owndata.about import About
from metaplay.owndata.examining import Found
from metaplay.text import Text

_COUNTS = {
    "images": Text(
        "{examples:,} images in {classes} classes: {train} classes for training, {val} for validation, {test} for test.",
        "{classes} 个类别共 {examples:,} 张图像：{train} 个类别用于训练，{val} 个用于验证，{test} 个用于测试。",
    ),
    "text": Text(
        "{examples:,} sentences with {classes} labels: {train} labels for training, {val} for validation, {test} for test.",
        "{classes} 个标签共 {examples:,} 条文本：{train} 个标签用于训练，{val} 个用于验证，{test} 个用于测试。",
    ),
}
_ROOM = Text(
    "Tasks of up to {way} ways. The smallest class, {name}, has {fewest} examples, so shot and query are at most {fewest} together.",
    "每个任务最多 {way} 个类别。最小的类别“{name}”有 {fewest} 个样本，因此 shot 与 query 之和最多为 {fewest}。",
)
_VECTORS = Text(
    "Each sentence comes with a vector of {dims:,} numbers, which the network takes in its place.",
    "每条文本带有一个 {dims:,} 维向量，网络以它代替文本作为输入。",
)
_ENCODING = Text("The file is in {encoding}.", "文件编码为 {encoding}。")
_LEFT = Text("{n:,} left out:", "略去 {n:,} 项：")
_ONE = Text("{name}: {reason}", "{name}：{reason}")
_MORE = Text("and {n:,} more", "以及另外 {n:,} 项")


def counts(about: About) -> Text:
    """How many examples and classes there are, and how the classes are dealt out."""
    return _COUNTS[about.kind].fill(examples=about.examples, classes=len(about.classes), **about.sizes())


def room(about: About) -> Text:
    """Which ways and shots the set has room for."""
    smallest = min(about.classes, key=lambda one: one.count)
    return _ROOM.fill(way=min(about.sizes().values()), name=smallest.name, fewest=smallest.count)


def inputs(about: About) -> list[Text]:
    """That a network takes vectors, where it does."""
    return [_VECTORS.fill(dims=about.dims)] if about.dims else []


def said(found: Found) -> list[Text]:
    """The set in sentences."""
    encoding = [_ENCODING.fill(encoding=found.encoding)] if found.encoding else []
    return [counts(found.about), room(found.about), *inputs(found.about), *encoding]


def left_out(found: Found, most: int) -> list[Text]:
    """What is left out and why, item by item after a heading: the first `most`, and how many more; nothing where all is taken."""
    if not found.left:
        return []
    items = [_ONE.fill(name=name, reason=reason) for name, reason in found.left[:most]]
    more = [_MORE.fill(n=len(found.left) - most)] if len(found.left) > most else []
    return [_LEFT.fill(n=len(found.left)), *items, *more]
