"""The papers' own protocols at their full lengths, built from a dictionary a paper. Days on a processor; made for a GPU."""

from typing import Any

from metaplay.presets.base import Preset
from metaplay.presets.figures import FIGURES
from metaplay.registry import ALGORITHMS
from metaplay.text import Text

Values = dict[str, Any]

SETTINGS = {"5w1s": (5, 1), "5w5s": (5, 5), "20w1s": (20, 1), "20w5s": (20, 5)}
"""Way and shot by name."""

_FINN: Values = {"protocol": "finn", "network": "conv4", "width": 64, "outer_lr": 1e-3, "steps": 60_000}
_FINN_WAYS: dict[int, Values] = {
    5: {"meta_batch": 32, "inner_lr": 0.4, "inner_steps": 1, "test_inner_steps": 3},
    20: {"meta_batch": 16, "inner_lr": 0.1, "inner_steps": 5, "test_inner_steps": 5},
}

_ANTONIOU: Values = {
    "protocol": "antoniou",
    "network": "conv4-pool",
    "width": 64,
    "query": 1,
    "meta_batch": 8,
    "inner_lr": 0.1,
    "inner_steps": 5,
    "test_inner_steps": 5,
    "outer_lr": 1e-3,
    "steps": 50_000,
    **dict.fromkeys(("msl", "lslr", "bnrs", "bnwb", "ca"), True),
}

_NICHOL: Values = {
    "protocol": "nichol",
    "network": "conv4",
    "width": 64,
    "query": 1,
    "train_shot": 10,
    "meta_batch": 5,
    "outer_lr": 1.0,
    "test_inner_steps": 50,
}
_NICHOL_WAYS: dict[int, Values] = {
    5: {"inner_batch": 10, "inner_steps": 5, "inner_lr": 1e-3, "steps": 100_000},
    20: {"inner_batch": 20, "inner_steps": 10, "inner_lr": 5e-4, "steps": 200_000},
}

_SNELL: Values = {
    "protocol": "vinyals",
    "network": "conv4-pool",
    "width": 64,
    "query": 5,
    "train_way": 60,
    "meta_batch": 1,
    "outer_lr": 1e-3,
    "steps": 10_000,
}

_CITED = {
    "maml": "Finn et al. 2017",
    "fomaml": "Finn et al. 2017",
    "mamlpp": "Antoniou et al. 2019",
    "reptile": "Nichol et al. 2018",
    "anil": "Raghu et al. 2020",
    "metasgd": "Li et al. 2017",
    "protonet": "Snell et al. 2017",
    "cavia": "Zintgraf et al. 2019",
}

_LOSS = Text(
    "Differs: labels are not smoothed, and at 5 shots the loss is not divided by the shots once more, both of which the authors' code does.",
    "不同之处：标签不做平滑；5 样本时损失不再额外除以样本数（作者的代码两者都做）。",
)
_IN_MAMLS_SETTING = Text(
    "{cited}, Omniglot; the row {label}. In the setting of MAML (Finn et al. 2017); the paper's own is not known to us in every detail.",
    "{cited}，Omniglot；{label} 一行。按 MAML（Finn 等 2017）的设置；论文自己的设置我们并不完全清楚。",
)
_AFTER_OMNIGLOT: dict[str, Text] = {
    "maml": Text(f"{{cited}}, Omniglot; the row {{label}}. {_LOSS.en}", f"{{cited}}，Omniglot；{{label}} 一行。{_LOSS.zh}"),
    "fomaml": Text(
        f"Nichol et al. 2018, Omniglot; the row 1st-order MAML, in the setting of {{cited}}. {_LOSS.en}",
        f"Nichol 等 2018，Omniglot；一阶 MAML 一行，按 {{cited}} 的设置。{_LOSS.zh}",
    ),
    "mamlpp": Text(
        "{cited}, Omniglot; the row {label}. Differs: derivative-order annealing is off, as in the authors' published"
        " configurations; one checkpoint, the last, where the paper's figure is of several together.",
        "{cited}，Omniglot；{label} 一行。不同之处：不用导数阶退火，与作者公布的配置相同；只用最后一个检查点，而论文的数字来自多个检查点的集成。",
    ),
    "reptile": Text(
        "{cited}, Omniglot; the rows {label}, with and without transduction. Differs: the mean over the last 2x2 pixels instead of all"
        " four; batches at test are as large as in training (the paper: 5, at 20 ways 10); 600 test tasks instead of 10,000; without"
        " transduction a query is normalised by the support set alone (the paper: by it and the query).",
        "{cited}，Omniglot；{label} 的直推与非直推两行。不同之处：取最后 2x2 像素的均值而非全部四个；测试批量与训练相同（论文为 5，20 类时为 10）；"
        "600 个测试任务而非 10000 个；非直推时查询只用支持集归一化（论文同时使用该查询本身）。",
    ),
    "anil": _IN_MAMLS_SETTING,
    "metasgd": Text(
        _IN_MAMLS_SETTING.en + " It is tested with the inner steps of training, for which its rates are learned.",
        _IN_MAMLS_SETTING.zh + "测试步数与训练相同，因为其学习率是为这些步学习的。",
    ),
    "protonet": Text(
        "{cited}, Omniglot; the row {label}. Differs: the characters of each split are ours, as the authors' list is not at hand, and so"
        " is the length; the paper stops by the validation loss.",
        "{cited}，Omniglot；{label} 一行。不同之处：没有作者的字符名单，各部分的字符由我们划分；训练长度也由我们选定，论文按验证损失停止。",
    ),
}  # fmt: skip
_AFTER_SINUSOID = Text(
    "The task of Finn et al. 2017, section 5.1. Differs: 20,000 meta-steps instead of 70,000. Meta-SGD is tested with one step, for"
    " which its rates are learned. Papers show curves only; a figure beside ours is of an independent re-implementation, whose"
    " setting may differ.",
    "任务同 Finn 等 2017 第 5.1 节。不同之处：20000 个元步，而非 70000。Meta-SGD 只测一步，因为其学习率是为这一步学习的。"
    "论文只有曲线；旁边所列数字来自独立的复现，其设置可能不同。",
)


def _omniglot(algorithm: str, setting: str) -> Preset:
    way, shot = SETTINGS[setting]
    by_paper: dict[str, Values] = {
        "mamlpp": _ANTONIOU,
        "reptile": {**_NICHOL, **_NICHOL_WAYS[way]},
        "protonet": _SNELL,
    }
    own = by_paper.get(algorithm, {**_FINN, **_FINN_WAYS[way], "query": shot})
    if algorithm == "metasgd":
        own["test_inner_steps"] = own["inner_steps"]
    label, cited = ALGORITHMS[algorithm].label, _CITED[algorithm]
    title = Text(
        f"{label} on Omniglot, {way}-way {shot}-shot, as in {cited}.",
        f"Omniglot 上的 {label}，{way} 类 {shot} 样本，按 {cited}。",
    )
    row = "reptile-transductive" if algorithm == "reptile" else algorithm
    after = _AFTER_OMNIGLOT[algorithm].fill(label=label, cited=cited)
    values = {"way": way, "shot": shot, **own}
    return Preset(algorithm, "omniglot", title, values, after, FIGURES.get(f"omniglot-{setting}-{row}"))


def _sinusoid(algorithm: str, shot: int) -> Preset:
    label = ALGORITHMS[algorithm].label
    title = Text(f"{label} on sine waves, {shot} points each.", f"正弦曲线上的 {label}，每条 {shot} 个点。")
    values = {"shot": shot, "query": shot, "steps": 20_000}
    if algorithm == "metasgd":
        values["test_inner_steps"] = 1
    return Preset(algorithm, "sinusoid", title, values, _AFTER_SINUSOID, FIGURES.get(f"sinusoid-k{shot}-{algorithm}"))


PAPERS: dict[str, Preset] = {
    **{
        f"paper-omniglot-{setting}-{algorithm}": _omniglot(algorithm, setting)
        for setting in SETTINGS
        for algorithm in _AFTER_OMNIGLOT
    },
    **{
        f"paper-sinusoid-k{shot}-{algorithm}": _sinusoid(algorithm, shot)
        for shot in (5, 10)
        for algorithm in ("maml", "fomaml", "metasgd", "mamlpp", "reptile", "anil", "cavia")
    },
}
