"""The settings table: every environment variable that metaplay reads, in one place."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from metaplay.text import Text, UserError


@dataclass(frozen=True)
class Settings:
    """Where things are and how much may run. Read anew by `settings()`, so that tests can set the environment."""

    data: Path
    cache: Path
    runs: Path
    scheduler: str | None
    device: str
    workers: int


TABLE: dict[str, tuple[str, str]] = {
    "METAPLAY_DATA": ("data", "Folder of the data sets, laid out as torchvision's data root; may be read-only"),
    "METAPLAY_CACHE": ("cache", "Folder for prepared data sets; safe to delete"),
    "METAPLAY_RUNS": ("runs", "Folder of the runs: their event logs and checkpoints"),
    "METAPLAY_SCHEDULER": (
        "scheduler",
        "Address of a Dask scheduler to train on, such as tcp://host:8786; unset, one is started here",
    ),
    "METAPLAY_DEVICE": ("device", "auto, cpu, cuda or mps"),
    "METAPLAY_WORKERS": ("workers", "Runs that train at the same time; more wait in the queue"),
}
"""Environment variable -> (field of Settings, what it means)."""


def settings() -> Settings:
    """The settings as the environment has them now. Raises UserError for a value that makes no sense."""
    folder = platformdirs.PlatformDirs("metaplay", appauthor=False)
    device = os.environ.get("METAPLAY_DEVICE", "auto")
    if device not in ("auto", "cpu", "cuda", "mps"):
        raise UserError(
            Text(
                "METAPLAY_DEVICE = {v}: choose auto, cpu, cuda or mps.",
                "METAPLAY_DEVICE = {v}：请选择 auto、cpu、cuda 或 mps。",
            ).fill(v=device)
        )
    workers = os.environ.get("METAPLAY_WORKERS", "2")
    if not workers.isdigit() or not 1 <= int(workers) <= 64:
        raise UserError(
            Text(
                "METAPLAY_WORKERS = {v}: choose a whole number from 1 to 64.",
                "METAPLAY_WORKERS = {v}：请取 1 到 64 的整数。",
            ).fill(v=workers)
        )
    return Settings(
        data=Path(os.environ.get("METAPLAY_DATA") or folder.user_data_path / "data").expanduser(),
        cache=Path(os.environ.get("METAPLAY_CACHE") or folder.user_cache_path).expanduser(),
        runs=Path(os.environ.get("METAPLAY_RUNS") or folder.user_data_path / "runs").expanduser(),
        scheduler=os.environ.get("METAPLAY_SCHEDULER") or None,
        device=device,
        workers=int(workers),
    )
