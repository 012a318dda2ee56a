"""ANIL (Raghu et al. 2020, "Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML")."""

from metaplay.algorithms.maml import Maml


class Anil(Maml):
    """MAML whose inner loop changes the head only, in training and at test (section 4); the body is meta-learned."""

    @property
    def adapted(self) -> tuple[str, ...]:
        return self.model.head
