"""A snapshot: everything that a run needs in order to go on as if it had never stopped. No pickle: tensors and JSON."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Snapshot:
    """State after `step` meta-steps: `tensors` (parameters, optimiser, RNG states) and `meta` (plain JSON values)."""

    step: int
    tensors: dict[str, Tensor]
    meta: dict[str, Any]
