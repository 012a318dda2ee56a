"""What there is to see of a run that adapts, to one task or to many of another family: plain values that charts and pages draw. No torch."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Labels = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Walked:
    """One task, after each of the inner steps 0..K.

    `algorithm` is whose steps they are; `trained` the inner steps of meta-training (None: it has none), `tested` those of its
    test. `support_loss` and `query_loss` [K + 1] are means over the examples.
    """

    algorithm: str
    trained: int | None
    tested: int
    support_loss: Array
    query_loss: Array

    @property
    def last(self) -> int:
        """K, the last inner step."""
        return len(self.query_loss) - 1

    def at(self, step: int) -> int:
        """The inner step to show where another walk shows `step`: the last one stays."""
        return min(step, self.last)


@dataclass(frozen=True)
class CurveWalk(Walked):
    """A curve to be fitted: the true one over `grid` [G], the fits `curves` [K + 1, G], and the points `support` [S, 2] and
    `query` [Q, 2]. Curves of this family lie within -`reach`..`reach`."""

    grid: Array
    truth: Array
    curves: Array
    support: Array
    query: Array
    reach: float


@dataclass(frozen=True)
class PolicyWalk(Walked):
    """A task to act in: the `returns` [K + 1, N] of the trajectories of each policy, from which it takes the next inner step.

    Losses are minus their mean, of support and query alike. `oracle` is the return of one who is told the task, where that is known.
    """

    returns: Array
    oracle: float | None

    def means(self) -> Array:
        """The mean return after each step [K + 1]."""
        return self.returns.mean(1)

    def ci95(self) -> Array:
        """Its CI95 over the trajectories [K + 1]."""
        count = self.returns.shape[1]
        return 1.96 * self.returns.std(1, ddof=1) / count**0.5 if count > 1 else np.full(len(self.returns), np.nan)


@dataclass(frozen=True)
class PlaneWalk(PolicyWalk):
    """A goal in a plane, and the `wind` that moves whoever walks there: x and y, of a time step.

    `paths` [K + 1, P, H + 1, 2] are where some agents are at each time; `field` [K + 1, G, 2] is where the mean action takes an
    agent from each of `places` [G, 2] in one time step. Goals lie within -`reach`..`reach`, or on the `circle` of that radius; the
    plane is shown as far as `shown`. With `obstacles` it has pillars (config.pillars).
    """

    goal: tuple[float, float]
    wind: tuple[float, float]
    paths: Array
    places: Array
    field: Array
    reach: float
    shown: float
    circle: bool
    obstacles: bool

    def distance(self, step: int) -> float:
        """From the goal to where the agents end, on average."""
        return float(np.linalg.norm(self.paths[step, :, -1] - self.goal, axis=-1).mean())


@dataclass(frozen=True)
class Weighed:
    """What a network says of a sentence, and what each of its words (of Chinese, its characters) does for that.

    `probabilities` [K + 1, W] of the classes after the inner steps 0..K. `places` are where the N words stand in the sentence,
    from and to; `influence` [K + 1, N] how much less probable the winner is without the word (below 0: how much more). The
    winner is the class that is most probable after the last step of a test, before adaptation too.
    """

    winner: int
    probabilities: Array
    places: list[tuple[int, int]]
    influence: Array


@dataclass(frozen=True)
class Examples:
    """Examples of one task: images as PNG data URIs or, of text, the `sentences`; true labels [N], what the network says of them
    (`probabilities` [K + 1, N, W]), and where their features lie in the plane of the two directions that spread most at step 0
    (`places` [K + 1, N, 2]). Of queries that the network reads word by word, `weighed` is what the words do.
    """

    pictures: list[str]
    labels: Labels
    probabilities: Array
    places: Array
    sentences: list[str] = field(default_factory=list)
    weighed: list[Weighed] = field(default_factory=list)

    def predicted(self, step: int) -> Labels:
        """The most probable class of each image [N]."""
        return self.probabilities[step].argmax(-1)

    def right(self, step: int) -> float:
        """The share that is told right."""
        return float((self.predicted(step) == self.labels).mean())


@dataclass(frozen=True)
class ImageWalk(Walked):
    """Classes to be told apart, by name; `explained` are the shares of the spread of features that the two directions have."""

    names: list[str]
    support: Examples
    query: Examples
    explained: tuple[float, float]

    @property
    def way(self) -> int:
        """Classes of the task."""
        return len(self.names)

    def accuracies(self) -> list[float]:
        """The share of queries that is told right, after each step."""
        return [self.query.right(step) for step in range(self.last + 1)]


@dataclass(frozen=True)
class Slice:
    """The loss of a task's support set on a plane of weights, `loss` [y, x], with the way that its adaptation takes.

    `path` [K + 1, 3] is x, y and the distance from the plane of the weights after each inner step; `tested` the step whose
    weights span the plane, and `other` (x, y) where another task's weights are after as many steps. Lengths are Euclidean.
    """

    x: Array
    y: Array
    loss: Array
    path: Array
    tested: int
    other: tuple[float, float]


@dataclass(frozen=True)
class Crossed:
    """A run on test tasks of a family, its own or another: accuracy (0 to 1) after the last inner step, its mean and CI95.

    The tasks are of so many `classes`: those of the family's test split or, `undivided`, all of them.
    """

    mean: float
    ci95: float
    tasks: int
    transductive: bool
    classes: int
    undivided: bool


@dataclass(frozen=True)
class Typed:
    """What is said of a typed sentence: by each starting point, by its name; and by TF-IDF, whose `cosines` [W] with the mean
    of each class are the floor."""

    starts: dict[str, Weighed]
    cosines: Array
