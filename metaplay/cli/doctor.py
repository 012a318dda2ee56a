"""`doctor`: whether everything that metaplay needs is here, a line each."""

import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from metaplay import __version__
from metaplay.cli.bench import bench
from metaplay.cli.options import language
from metaplay.registry import FAMILIES
from metaplay.settings import settings
from metaplay.tasks.sets import NAMES, status
from metaplay.text import UserError

_PACKAGES = ("torch", "torchvision", "streamlit", "plotly", "distributed", "numpy")
_ENGINE_SECONDS = 60


def doctor(
    measure: Annotated[
        bool,
        typer.Option("--bench", help="Measure for about ten seconds what to expect here, preset by preset, instead."),
    ] = False,
) -> int:
    """Check versions, device, folders, data sets and the engine: a line each. Exit code 1 if something is amiss."""
    if measure:
        bench()
        return 0
    checks: dict[str, Callable[[], str]] = {
        "versions": _versions,
        "device": _device,
        "runs": lambda: _folder(settings().runs),
        "cache": lambda: _folder(settings().cache),
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
    found |= {name: version(name) for name in _PACKAGES}
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _device() -> str:
    import torch

    from metaplay.training.device import best_device, device_name

    cores = f"{os.cpu_count()} cores, {torch.get_num_threads()} threads a run"
    return f"{device_name(best_device())} ({cores}), METAPLAY_DEVICE = {settings().device}"


def _folder(folder: Path) -> str:
    """Where it is, how much room it has. Makes it, which shows that it can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} cannot be written")
    return f"{folder}, {shutil.disk_usage(folder).free / 1e9:.1f} GB free"


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
                raise TimeoutError(f"started in {ready:.1f} s, but no worker is ready after {_ENGINE_SECONDS} s")
            time.sleep(0.1)
        info = engine.info()
        warm = time.monotonic() - began
    where = settings().scheduler or "on this machine"
    return f"{where}: started in {ready:.1f} s, a worker ready to train on {info.device} after {warm:.1f} s"
