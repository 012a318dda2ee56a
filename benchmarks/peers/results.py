"""What was measured of one contender on one workload."""

from dataclasses import dataclass

ENOUGH = 1e-8
"""Relative error of a float64 meta-gradient up to which two are taken as the same."""


@dataclass
class Row:
    """Seconds of a meta-step, the least and the median of `steps`; `first` with all that is done but once (compilation).

    `error` is the relative error of the float64 meta-gradient against metaplay's (None: it is metaplay's); `memory` in bytes;
    `flops` of a meta-step, and `peak`, the most that a large matrix product reached in the same minutes, a second.
    `problem` says why there are no figures.
    """

    workload: str
    contender: str
    threads: int
    version: str = ""
    error: float | None = None
    first: float | None = None
    least: float | None = None
    median: float | None = None
    steps: int = 0
    memory: int | None = None
    flops: int = 0
    peak: float | None = None
    problem: str = ""

    @property
    def agrees(self) -> bool:
        return self.error is None or self.error <= ENOUGH

    @property
    def share(self) -> float | None:
        """Of the peak of matrix products, reached by the quickest meta-step."""
        return self.flops / self.least / self.peak if self.least and self.peak else None
