"""Moments of a run: checkpoints kept along its training, so that it can be looked at as it was. No torch.

<root>/<run>/moments/<step>.safetensors; the run's last state is in its checkpoint beside them.
"""

from pathlib import Path

from metaplay.engine.store import RunStore

STRIDES = 20
"""A run is kept at so many even strides; before the first of them at 0, 1, 2, 4, 8, ... steps, where the most happens."""


def due(step: int, steps: int) -> bool:
    """Whether a run of `steps` meta-steps is kept after this one."""
    stride = max(1, steps // STRIDES)
    return step % stride == 0 or (step < stride and step & (step - 1) == 0)


def path(store: RunStore, run: str, step: int) -> Path:
    """Where the run is kept as it was after `step` meta-steps."""
    return store.path(run) / "moments" / f"{step:07d}.safetensors"


def last(store: RunStore, run: str) -> Path:
    """Where the run is kept as it was last: its checkpoint."""
    return store.path(run) / "checkpoint.safetensors"


def kept(store: RunStore, run: str) -> list[int]:
    """The meta-steps after which the run is kept, in order; without the last state, which is in its checkpoint."""
    return sorted(int(file.stem) for file in (store.path(run) / "moments").glob("[0-9]*.safetensors"))


def forget(store: RunStore, run: str, after: int) -> None:
    """Remove what was kept after meta-step `after`: the run goes on from there, and need not go the same way again."""
    for step in kept(store, run):
        if step > after:
            path(store, run, step).unlink(missing_ok=True)
