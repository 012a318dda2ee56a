"""The settings table: every environment variable that metaplay reads, in one place."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import platformdirs

from metaplay.host import small
from metaplay.text import Text, UserError


@dataclass(frozen=True)
class Settings:
    """Where things are and how much may run: what the environment does not say is less on a small host.

    Read anew by `settings()`, so that tests can set the environment.
    """

    data: Path
    cache: Path
    runs: Path
    scheduler: str | None
    device: str
    workers: int
    import_mb: int
    import_unpacked_mb: int
    import_files: int
    import_megapixels: int
    bundle_mb: int
    visitors: Literal["one", "many"]
    visitor_going: int
    visitor_runs: int
    visitor_mb: int
    visitor_presses: int
    visitor_questions: int
    presses: int
    queue: int
    most_steps: int
    visitors_mb: int
    idle_minutes: int


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
    "METAPLAY_IMPORT_MB": ("import_mb", "Data of your own: the largest file that is taken, in MB"),
    "METAPLAY_IMPORT_UNPACKED_MB": (
        "import_unpacked_mb",
        "Data of your own: what a ZIP or a folder may hold, and what may be kept of it, in MB",
    ),
    "METAPLAY_IMPORT_FILES": ("import_files", "Data of your own: the files in a ZIP or a folder, at most"),
    "METAPLAY_IMPORT_MEGAPIXELS": ("import_megapixels", "Data of your own: the largest image, in millions of pixels"),
    "METAPLAY_BUNDLE_MB": ("bundle_mb", "The largest bundle of a run that is opened, in MB"),
    "METAPLAY_VISITORS": (
        "visitors",
        "one: whoever reaches the pages may do everything. many: each browser has runs of its own, and all that follows holds",
    ),
    "METAPLAY_VISITOR_GOING": ("visitor_going", "Many visitors: runs of one that train at the same time; more wait"),
    "METAPLAY_VISITOR_RUNS": (
        "visitor_runs",
        "Many visitors: runs of one that train, are paused or wait; a race is one",
    ),
    "METAPLAY_VISITOR_MB": (
        "visitor_mb",
        "Many visitors: what the runs and the data of one may take on the disk, in MB",
    ),
    "METAPLAY_VISITOR_PRESSES": ("visitor_presses", "Many visitors: what one may ask of runs within a minute"),
    "METAPLAY_VISITOR_QUESTIONS": (
        "visitor_questions",
        "Many visitors: answers that one may have computed within a minute, in the lab and for drawings",
    ),
    "METAPLAY_PRESSES": ("presses", "Many visitors: what all together may ask of runs within a minute"),
    "METAPLAY_QUEUE": ("queue", "Many visitors: runs that wait, at most; a race is one"),
    "METAPLAY_MOST_STEPS": ("most_steps", "Many visitors: the longest run, in meta-steps"),
    "METAPLAY_VISITORS_MB": (
        "visitors_mb",
        "Many visitors: what the runs and the data of all may take on the disk, in MB; then the oldest runs that are not pinned go",
    ),
    "METAPLAY_IDLE_MINUTES": (
        "idle_minutes",
        "Many visitors: a run that trains, is paused or waits is stopped once nobody has watched it for so long",
    ),
}
"""Environment variable -> (field of Settings, what it means)."""
_LIMITS = {
    "METAPLAY_BUNDLE_MB": (64, 64),
    "METAPLAY_VISITOR_GOING": (1, 64),
    "METAPLAY_VISITOR_RUNS": (3, 1000),
    "METAPLAY_VISITOR_MB": (300, 1_000_000),
    "METAPLAY_VISITOR_PRESSES": (240, 100_000),
    "METAPLAY_VISITOR_QUESTIONS": (900, 100_000),
    "METAPLAY_PRESSES": (2400, 1_000_000),
    "METAPLAY_QUEUE": (50, 10_000),
    "METAPLAY_MOST_STEPS": (20_000, 10_000_000),
    "METAPLAY_VISITORS_MB": (5000, 100_000_000),
    "METAPLAY_IDLE_MINUTES": (30, 100_000),
}
"""Whole numbers: the usual one, and the most. (Ten dragged points a second are 600 questions a minute.)"""


def settings() -> Settings:
    """The settings as the environment has them now. Raises UserError for a value that makes no sense."""
    folder = platformdirs.PlatformDirs("metaplay", appauthor=False)
    device = os.environ.get("METAPLAY_DEVICE", "auto")
    scheduler, little = os.environ.get("METAPLAY_SCHEDULER") or None, small()
    visitors = os.environ.get("METAPLAY_VISITORS") or "one"
    if device not in ("auto", "cpu", "cuda", "mps"):
        raise UserError(
            Text(
                "METAPLAY_DEVICE = {v}: choose auto, cpu, cuda or mps.",
                "METAPLAY_DEVICE = {v}：请选择 auto、cpu、cuda 或 mps。",
            ).fill(v=device)
        )
    if visitors not in ("one", "many"):
        raise UserError(
            Text("METAPLAY_VISITORS = {v}: choose one or many.", "METAPLAY_VISITORS = {v}：请选择 one 或 many。").fill(
                v=visitors
            )
        )
    return Settings(
        data=Path(os.environ.get("METAPLAY_DATA") or folder.user_data_path / "data").expanduser(),
        cache=Path(os.environ.get("METAPLAY_CACHE") or folder.user_cache_path).expanduser(),
        runs=Path(os.environ.get("METAPLAY_RUNS") or folder.user_data_path / "runs").expanduser(),
        scheduler=scheduler,
        device=device,
        workers=_whole("METAPLAY_WORKERS", 1 if little and not scheduler else 2, 64),
        import_mb=_whole("METAPLAY_IMPORT_MB", 50 if little else 200, 10_000),
        import_unpacked_mb=_whole("METAPLAY_IMPORT_UNPACKED_MB", 200 if little else 1000, 100_000),
        import_files=_whole("METAPLAY_IMPORT_FILES", 20_000 if little else 50_000, 65_000),
        import_megapixels=_whole("METAPLAY_IMPORT_MEGAPIXELS", 25 if little else 50, 89),  # Pillow itself warns of more
        visitors=cast('Literal["one", "many"]', visitors),
        **{TABLE[name][0]: _whole(name, usual, most) for name, (usual, most) in _LIMITS.items()},
    )


def _whole(name: str, usual: int, most: int) -> int:
    """The whole number from 1 to `most` that a variable says, or the usual one. Raises UserError for anything else."""
    value = os.environ.get(name, str(usual))
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= most:
        raise UserError(
            Text(
                "{name} = {v}: choose a whole number from 1 to {most}.",
                "{name} = {v}：请取 1 到 {most} 的整数。",
            ).fill(name=name, v=value, most=most)
        )
    return int(value)
