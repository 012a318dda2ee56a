"""`doctor`: whether everything that metaplay needs is here, a line each."""

import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from metaplay import __version__, host
from metaplay.cli.bench import bench
from metaplay.cli.options import language
from metaplay.engine import layout
from metaplay.engine.store import RunStore
from metaplay.registry import FAMILIES
from metaplay.settings import settings
from metaplay.tasks.sets import NAMES, status
from metaplay.text import Text, UserError

_PACKAGES = ("torch", "torchvision", "streamlit", "plotly", "distributed", "numpy")
_ENGINE_SECONDS = 60
_LITTLE_DISK = 200_000_000
_MISSING = Text(
    "{name} is not installed: run `python -m pip install -r requirements.txt`.",
    "没有安装 {name}：请运行 `python -m pip install -r requirements.txt`。",
)
_NO_MEMORY = Text(
    "This host has {there} MB of memory, and the playground takes up to {needed} MB before anything trains: give it more.",
    "这台主机有 {there} MB 内存，而训练场在开始训练之前就可能占用 {needed} MB：请增加内存。",
)
_UNWRITABLE = Text(
    "{folder} cannot be written: set {name} to a folder that can, or give this user the right to.",
    "无法写入 {folder}：请把 {name} 设为可写的文件夹，或授予当前用户写入权限。",
)
_FULL = Text(
    "The disk of {folder} has {free} MB left: free some, or set {name} to a folder elsewhere.",
    "{folder} 所在的磁盘只剩 {free} MB：请腾出空间，或把 {name} 设为别处的文件夹。",
)
_NO_WORKER = Text(
    "No worker is ready after {seconds} s: look for the reason in standard error; with METAPLAY_SCHEDULER set, see that its workers "
    "run, have this folder on PYTHONPATH and the same packages.",
    "{seconds} 秒后仍没有可用的工作进程：请在标准错误输出中查看原因；如果设置了 METAPLAY_SCHEDULER，请检查它的工作进程在运行、"
    "PYTHONPATH 包含本文件夹，并安装了相同的软件包。",
)


def doctor(
    measure: Annotated[
        bool,
        typer.Option("--bench", help="Measure for about ten seconds what to expect here, preset by preset, instead."),
    ] = False,
) -> int:
    """Check versions, device, memory, folders, data sets and the engine: a line each. What is amiss is told with what mends it, and
    the exit code is 1."""
    if measure:
        bench()
        return 0
    checks: dict[str, Callable[[], str]] = {
        "versions": _versions,
        "device": _device,
        "memory": _memory,
        "runs": _runs,
        "cache": lambda: _folder("METAPLAY_CACHE", settings().cache),
        **{f"data: {name}": lambda name=name: _data(name) for name in NAMES},
        "engine": _engine,
    }
    failed = [name for name, check in checks.items() if not _check(name, check)]
    return 1 if failed else 0


def _check(name: str, check: Callable[[], str]) -> bool:
    """Print one line; whether all is well. An error of any kind is what this command is there to show."""
    try:
        line, well = check(), True
    except UserError as error:
        line, well = error.text(language()), False
    except Exception as error:
        line, well = f"{type(error).__name__}: {error}", False
    print(f"{'ok  ' if well else 'FAIL'}  {name:19} {' '.join(line.split())}", flush=True)
    return well


def _versions() -> str:
    found = {"metaplay": __version__, "Python": platform.python_version()}
    try:
        found |= {name: version(name) for name in _PACKAGES}
    except PackageNotFoundError as error:
        raise UserError(_MISSING.fill(name=error.name)) from error
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _device() -> str:
    import torch

    from metaplay.training.device import best_device, device_name

    cores = f"{host.cores()} cores, {torch.get_num_threads()} threads a run"
    return f"{device_name(best_device())} ({cores}), METAPLAY_DEVICE = {settings().device}"


def _memory() -> str:
    """What this host lets its processes have, and whether the playground fits in."""
    if host.memory() < host.IDLE:
        raise UserError(_NO_MEMORY.fill(there=f"{host.memory() / 1e6:.0f}", needed=f"{host.IDLE / 1e6:.0f}"))
    told = f"{host.memory() / 1e9:.1f} GB, {host.free_memory() / 1e9:.1f} GB free, {host.cores()} cores"
    return f"{told} (a small host: one run at a time)" if host.small() else told


def _runs() -> str:
    told = _folder("METAPLAY_RUNS", settings().runs)
    layout.bring_forward(settings().runs)
    return f"{told}, layout {layout.VERSION}, {len(RunStore(settings().runs).list())} runs"


def _folder(name: str, folder: Path) -> str:
    """Where it is, how much room it has. Makes it, which shows that it can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise UserError(_UNWRITABLE.fill(folder=folder, name=name))
    free = shutil.disk_usage(folder).free
    if free < _LITTLE_DISK:
        raise UserError(_FULL.fill(folder=folder, name=name, free=f"{free / 1e6:.0f}"))
    return f"{folder}, {free / 1e9:.1f} GB free"


def _data(name: str) -> str:
    item = status(name)
    return f"{FAMILIES[name].label}: {item.text(language())} ({item.where})"


def _engine() -> str:
    """Start the engine as the playground does, but with no runs of anyone's, wait for a warm worker, and end it."""
    from metaplay.engine.client import Engine

    began = time.monotonic()
    with TemporaryDirectory() as runs, Engine(replace(settings(), runs=Path(runs))) as engine:
        ready = time.monotonic() - began
        while engine.info().device is None:
            if time.monotonic() - began > _ENGINE_SECONDS:
                raise UserError(_NO_WORKER.fill(seconds=_ENGINE_SECONDS))
            time.sleep(0.1)
        info = engine.info()
        warm = time.monotonic() - began
    where = settings().scheduler or "on this machine"
    return f"{where}: started in {ready:.1f} s, a worker ready to train on {info.device} after {warm:.1f} s"
