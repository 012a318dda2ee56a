"""CAVIA (Zintgraf et al. 2019, "Fast Context Adaptation via Meta-Learning")."""

from metaplay.algorithms.maml import Maml
from metaplay.models.base import Params


class Cavia(Maml):
    """MAML whose inner loop changes nothing but a few context inputs, which start at 0 on every task (Algorithm 1).

    All weights are shared between tasks and meta-learned, differentiated through the inner steps: what is adapted is small
    enough to look at.
    """

    def context_size(self) -> int:
        return self.config.context

    @property
    def adapted(self) -> tuple[str, ...]:
        return ("context",)

    def start(self, tasks: int) -> Params:
        some = next(iter(self.params.values()))
        return {**self.params, "context": some.new_zeros(tasks, self.config.context).requires_grad_()}
