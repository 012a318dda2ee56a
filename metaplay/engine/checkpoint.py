"""A run's checkpoint on disk: one safetensors file with its step and its plain values in the header. No pickle.

One file, renamed into place, so that a crash at any moment leaves the whole of the old one or the whole of the new one.
"""

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save

from metaplay.config import RunConfig
from metaplay.engine.store import RunStore, write_whole, writing
from metaplay.text import Text, UserError
from metaplay.training.snapshot import Snapshot


def save_checkpoint(store: RunStore, run: str, snapshot: Snapshot) -> None:
    """Replace the run's checkpoint. Raises UserError where the disk is full; the one before it is then still there."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in snapshot.tensors.items()}
    header = {"step": str(snapshot.step), "meta": json.dumps(snapshot.meta)}
    path = _path(store, run)
    with writing(path.parent):
        write_whole(path, save(tensors, header))


def load_checkpoint(store: RunStore, run: str) -> Snapshot | None:
    """The run's last checkpoint, on the CPU; None before the first."""
    path = _path(store, run)
    if not path.exists():
        return None
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dictionary)
    return Snapshot(int(header["step"]), tensors, json.loads(header["meta"]))


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


def _path(store: RunStore, run: str) -> Path:
    return store.path(run) / "checkpoint.safetensors"
