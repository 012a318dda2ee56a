"""A run's checkpoints on disk: one safetensors file with its step and its plain values in the header. No pickle.

One file, renamed into place, so that a crash at any moment leaves the whole of the old one or the whole of the new one.
"""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from metaplay.config import RunConfig
from metaplay.engine import moments
from metaplay.engine.store import RunStore, write_whole, writing
from metaplay.text import Text, UserError
from metaplay.training.snapshot import Snapshot


class Damaged(UserError):
    """A file is not the checkpoint that was written."""


def save_checkpoint(store: RunStore, run: str, snapshot: Snapshot) -> None:
    """Replace the run's checkpoint. Raises UserError where the disk is full; the one before it is then still there."""
    save_to(moments.last(store, run), snapshot)


def save_moment(store: RunStore, run: str, snapshot: Snapshot) -> None:
    """Keep the run as it is now, beside its checkpoint. Raises UserError where the disk is full.

    It does not wait for the disk: were the machine to lose its power now, this moment could be lost, which the run needs not.
    """
    save_to(moments.path(store, run, snapshot.step), snapshot, settled=False)


def save_to(path: Path, snapshot: Snapshot, settled: bool = True) -> None:
    """Write a snapshot to a file, whose folder is made if need be. Raises UserError where the disk is full."""
    tensors = {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in snapshot.tensors.items()}
    header = {"step": str(snapshot.step), "meta": json.dumps(snapshot.meta)}
    header["sum"] = str(_sum(header, tensors))
    with writing(path.parent):
        path.parent.mkdir(exist_ok=True)
        write_whole(path, save(tensors, header), settled)


def load_checkpoint(store: RunStore, run: str) -> Snapshot | None:
    """The run's last checkpoint, on the CPU; None before the first. Raises Damaged."""
    path = moments.last(store, run)
    return load(path) if path.exists() else None


def goes_on_from(store: RunStore, run: str) -> tuple[Snapshot | None, bool]:
    """The state from which the run goes on, and whether it is an earlier one because the checkpoint is damaged.

    Raises Damaged where no state is whole.
    """
    try:
        return load_checkpoint(store, run), False
    except Damaged:
        for step in reversed(moments.kept(store, run)):
            try:
                return load(moments.path(store, run, step)), True
            except Damaged:
                continue
        raise


def load_moment(store: RunStore, run: str, step: int | None = None) -> Snapshot:
    """The run as it was after `step` meta-steps, or, with None, as it was last. Raises UserError where that is not kept."""
    path = moments.last(store, run) if step is None else moments.path(store, run, step)
    if not path.exists():
        raise UserError(
            Text(
                "Run {run} is not kept at that moment: train it first, or choose another moment.",
                "训练 {run} 没有保存那一时刻：请先训练，或选择另一时刻。",
            ).fill(run=run)
        )
    return load(path)


def written(store: RunStore, run: str) -> int:
    """When the run's checkpoint was written, in nanoseconds since 1970; 0 before the first."""
    path = moments.last(store, run)
    return path.stat().st_mtime_ns if path.exists() else 0


def load(path: Path) -> Snapshot:
    """The snapshot in a file, on the CPU. Raises Damaged where it is not what was written."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dictionary)
        known = header.pop("sum", None)  # earlier versions wrote none
        if known not in (None, str(_sum(header, {name: tensor.numpy() for name, tensor in tensors.items()}))):
            raise ValueError("another sum")
        return Snapshot(int(header["step"]), tensors, json.loads(header["meta"]))
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(
            Text(
                "The file {path} is damaged: it is not what was written there.",
                "文件 {path} 已损坏：它不是当初写入的内容。",
            ).fill(path=path)
        ) from error


def _sum(header: Mapping[str, str], tensors: Mapping[str, Any]) -> int:
    """A checksum of a snapshot: the file's format has none, and a state of other numbers would be trained on."""
    found = zlib.crc32(json.dumps([header["step"], header["meta"]]).encode())
    for name in sorted(tensors):
        found = zlib.crc32(tensors[name], zlib.crc32(name.encode(), found))
    return found


def kept(store: RunStore, run: str) -> tuple[RunConfig, Snapshot]:
    """A run's configuration and last checkpoint. Raises UserError where there is none yet."""
    config, snapshot = store.config(run), load_checkpoint(store, run)
    if snapshot is None:
        raise UserError(
            Text("Run {run} has no checkpoint yet: train it first.", "训练 {run} 还没有检查点：请先训练。").fill(
                run=run
            )
        )
    return config, snapshot
