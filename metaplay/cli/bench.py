"""`doctor --bench`: what to expect of this machine, told from a few seconds of measuring."""

import os
from typing import TYPE_CHECKING

from metaplay.cli.options import language
from metaplay.config import RunConfig
from metaplay.presets import GROUPS
from metaplay.registry import ALGORITHMS, NETWORKS
from metaplay.text import Language, Text, duration

if TYPE_CHECKING:
    from metaplay.training.bench import Speed

_MACHINE = Text(
    "{device}, {threads} threads: a large matrix product at {gemm:,.0f} GFLOP/s; an operation on a single number takes {small:.1f} µs.",
    "{device}，{threads} 线程：大矩阵乘法 {gemm:,.0f} GFLOP/s；对单个数的一次运算耗时 {small:.1f} 微秒。",
)
_KIND = Text(
    "{label}: {ms:.1f} ms a meta-step, {achieved:,.1f} GFLOP/s ({share:.0%} of the matrix product's), drawing tasks {sampling:.0%}; limited by {limit}.",
    "{label}：每元步 {ms:.1f} 毫秒，{achieved:,.1f} GFLOP/s（为矩阵乘法的 {share:.0%}），采样任务占 {sampling:.0%}；瓶颈：{limit}。",
)
_SAMPLING = Text("the drawing of tasks", "任务采样")
_SMALL = Text("the number of small operations", "小运算的数量")
_PRODUCTS = Text("its matrix products, and the memory they go through", "矩阵运算与内存带宽")
_PRESETS = Text(
    "What each preset would take here, training and test, when nothing else runs (predicted from the above, good to a factor of two):",
    "各预设在本机所需时间（训练加测试，且没有其他程序运行；由上面的测量推算，误差在两倍以内）：",
)
_ROW = Text("{rate} steps/s, {time} in all", "{rate} 步/秒，共 {time}")
_NO_STEPS = Text("no meta-steps, {time} in all", "无元步，共 {time}")


def bench() -> None:
    """Measure for about ten seconds, and say what this machine can do, what limits it, and how long each preset would take."""
    from metaplay.training import bench as measure
    from metaplay.training.device import best_device, device_name

    gemm, small = measure.matrix_product(), measure.small_operation()
    said, threads = language(), os.cpu_count() or 1
    machine = _MACHINE.fill(device=device_name(best_device()), threads=threads, gemm=gemm / 1e9, small=1e6 * small)
    print(machine(said), flush=True)
    speeds: dict[str, Speed] = {}
    for network in measure.KINDS:
        speeds[network] = found = measure.speed(network)
        values = {
            "label": NETWORKS[network].label,
            "ms": 1000 * found.step,
            "achieved": found.achieved / 1e9,
            "share": found.achieved / gemm,
            "sampling": found.sampling,
            "limit": _limit(found)(said),
        }
        print(f"  {_KIND.fill(**values)(said)}", flush=True)
    print(_PRESETS(said))
    for title, group in GROUPS:
        print(f"{title(said)}:")
        for name, preset in group.items():
            print(f"  {name:32} {_expected(speeds[preset.config.network], preset.config, said)}")


def _limit(found: "Speed") -> Text:
    if found.sampling > 0.3:
        return _SAMPLING
    return _SMALL if found.small > 0.5 else _PRODUCTS


def _expected(found: "Speed", config: RunConfig, said: Language) -> str:
    time = duration(found.total(config), said)
    if not ALGORITHMS[config.algorithm].meta_trains:
        return _NO_STEPS.fill(time=time)(said)
    return _ROW.fill(rate=f"{1 / found.seconds(config):.3g}", time=time)(said)
