"""Training and evaluation. `train(config)` is an iterator of events."""

from metaplay.training.across import evaluate_across
from metaplay.training.kept import compare_snapshots, evaluate_snapshot
from metaplay.training.snapshot import Snapshot
from metaplay.training.train import Training, train

__all__ = ["Snapshot", "Training", "compare_snapshots", "evaluate_across", "evaluate_snapshot", "train"]
