"""MAML++ taken apart (Antoniou et al. 2019): none of its six repairs, each alone, and all, in a size for a processor."""

from metaplay.config import control
from metaplay.presets.base import Preset
from metaplay.text import Text

SWITCHES = ("msl", "lslr", "da", "bnrs", "bnwb", "ca")
_AFTER = Text(
    "Antoniou et al. 2019, Table 1, on Omniglot at 20 ways. Differs: 5-way 1-shot, in the size of the preset omniglot-5w1s-mamlpp."
    " The test is transductive, where BNRS alone changes nothing: running statistics judge queries only without transduction.",
    "Antoniou 等 2019，表 1，20 类 Omniglot。不同之处：5 类 1 样本，规模同预设 omniglot-5w1s-mamlpp。"
    "测试是直推式的，此时单独的 BNRS 不起作用：只有非直推时才用滑动统计量归一化查询。",
)


def _ablation(on: tuple[str, ...], title: Text) -> Preset:
    values = {name: name in on for name in SWITCHES}
    return Preset("mamlpp", "omniglot", title, values, _AFTER)


def _only(switch: str) -> Text:
    label = control(switch).label
    return Text(f"MAML++ with one switch on: {label.en}.", f"MAML++ 只打开一项：{label.zh}。")


ABLATION: dict[str, Preset] = {
    "ablation-maml": _ablation(
        (), Text("MAML++ with all six switches off, which is MAML.", "六个开关全部关闭的 MAML++，即 MAML。")
    ),
    **{f"ablation-{switch}": _ablation((switch,), _only(switch)) for switch in SWITCHES},
    "ablation-mamlpp": _ablation(SWITCHES, Text("MAML++ with all six switches on.", "六个开关全部打开的 MAML++。")),
}
