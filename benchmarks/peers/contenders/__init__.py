"""Who is measured, a file each. All do the same: the meta-gradient of a problem, and a whole meta-step with outer Adam."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.peers.problem import Arrays

if TYPE_CHECKING:
    from metaplay.episodes import Episodes

CONTENDERS: dict[str, str] = {
    "metaplay": "benchmarks.peers.contenders.metaplay_peer:Metaplay",
    "learn2learn": "benchmarks.peers.contenders.learn2learn_peer:Learn2learn",
    "higher": "benchmarks.peers.contenders.higher_peer:Higher",
    "torchopt": "benchmarks.peers.contenders.torchopt_peer:Torchopt",
    "loop": "benchmarks.peers.contenders.loop:loop",
    "vmap": "benchmarks.peers.contenders.vmap:Vmap",
    "jax": "benchmarks.peers.contenders.jax_peer:Jax",
}
GEMM = "gemm"
"""Not a contender but what the machine can do, measured among them."""


class Unsupported(Exception):
    """The contender has no such algorithm; the text says what it lacks."""


class Contender(Protocol):
    """Built with (problem, device). Raises Unsupported where it cannot express the problem."""

    version: str

    def gradient(self) -> Arrays:
        """The meta-gradient (for Reptile: mean of the fast weights minus the parameters), in metaplay's names and shapes."""
        ...

    def step(self) -> None:
        """One meta-step on the problem's tasks: the meta-gradient, and the outer update. Comes back when it is done."""
        ...


class Racer(Contender, Protocol):
    """A contender that can train: on other tasks for each meta-step, and with parameters that can be judged."""

    def give(self, episodes: "Episodes") -> None:
        """The tasks of the next meta-steps."""
        ...

    def parameters(self) -> Arrays:
        """What it has come to, in metaplay's names and shapes."""
        ...


def load(name: str) -> Any:
    """What builds a contender, or GEMM."""
    targets = {**CONTENDERS, GEMM: "benchmarks.peers.contenders.gemm:Gemm"}
    module, _, attribute = targets[name].partition(":")
    return getattr(import_module(module), attribute)
