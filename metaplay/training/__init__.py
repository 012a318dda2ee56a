"""Training and evaluation. `train(config)` is an iterator of events."""

from metaplay.training.snapshot import Snapshot
from metaplay.training.train import Training, evaluate_snapshot, train

__all__ = ["Snapshot", "Training", "evaluate_snapshot", "train"]
