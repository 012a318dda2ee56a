"""The sets of images that torchvision has, as task families. How each is prepared is in `metaplay.tasks.vision`."""

from collections.abc import Mapping
from typing import Any

from metaplay.registry.families import CONV, IMAGE_DEFAULTS, IMAGE_FIELDS, Family
from metaplay.text import Text

_TEN = {"train": 6, "val": 2, "test": 2}
_OF_TEN: dict[str, Any] = {"way": 2, "query": 10, "steps": 1000}
_COLOUR = (3, 32, 32)


def _set(label: str, summary: Text, classes: Mapping[str, int], images: Mapping[str, int], **more: Any) -> Family:
    """A family of `images` of each class: what the set has for training (some of it for validation) and for test, as many as
    its rarest class has. Those of ten classes have tasks of two, as no more are left for test."""
    defaults = {**IMAGE_DEFAULTS, **(_OF_TEN if classes is _TEN else {})}
    target = "metaplay.tasks.images:ImageFamily"
    return Family(
        label, target, summary, "classification", CONV, IMAGE_FIELDS, defaults, classes, images, downloads=True, **more
    )


VISION: dict[str, Family] = {
    "mnist": _set(
        "MNIST",
        Text(
            "70,000 handwritten digits. Only ten classes: good for seeing what ordinary training does. LeCun et al. 1998.",
            "7 万张手写数字。只有十个类别：适合观察普通训练的样子。LeCun 等 1998。",
        ),
        _TEN,
        {"train": 4921, "val": 500, "test": 892},
    ),
    "fashion-mnist": _set(
        "Fashion-MNIST",
        Text(
            "70,000 small grey photographs of clothes in ten classes. Xiao et al. 2017.",
            "7 万张服饰的小幅灰度照片，共十个类别。Xiao 等 2017。",
        ),
        _TEN,
        {"train": 5500, "val": 500, "test": 1000},
    ),
    "kmnist": _set(
        "KMNIST",
        Text(
            "70,000 letters of old Japanese cursive in ten classes. Clanuwat et al. 2018.",
            "7 万个日文草书假名，共十个类别。Clanuwat 等 2018。",
        ),
        _TEN,
        {"train": 5500, "val": 500, "test": 1000},
    ),
    "emnist": _set(
        "EMNIST",
        Text(
            "Handwritten digits and letters, upper and lower case, in 47 classes (the balanced set). The split is ours."
            " Cohen et al. 2017.",
            "手写数字与大小写字母，共 47 个类别（balanced 子集）。类别划分由我们确定。Cohen 等 2017。",
        ),
        {"train": 31, "val": 8, "test": 8},
        {"train": 2200, "val": 200, "test": 400},
    ),
    "cifar10": _set(
        "CIFAR-10",
        Text(
            "60,000 small colour photographs of animals and vehicles in ten classes. Krizhevsky 2009.",
            "6 万张动物与交通工具的小幅彩色照片，共十个类别。Krizhevsky 2009。",
        ),
        _TEN,
        {"train": 4500, "val": 500, "test": 1000},
        shape=_COLOUR,
    ),
    "cifar100": _set(
        "CIFAR-100",
        Text(
            "60,000 small colour photographs of 100 things, Krizhevsky 2009; 64, 16 and 20 classes as in CIFAR-FS, Bertinetto et al."
            " 2019.",
            "100 类事物的 6 万张小幅彩色照片，Krizhevsky 2009；按 CIFAR-FS（Bertinetto 等 2019）分为 64、16、20 个类别。",
        ),
        {"train": 64, "val": 16, "test": 20},
        {"train": 450, "val": 50, "test": 100},
        shape=_COLOUR,
    ),
    "svhn": _set(
        "SVHN",
        Text(
            "Digits of house numbers, photographed in the street, in colour. Netzer et al. 2011.",
            "街景照片中的门牌数字，彩色。Netzer 等 2011。",
        ),
        _TEN,
        {"train": 4159, "val": 500, "test": 1595},
        shape=_COLOUR,
    ),
}
