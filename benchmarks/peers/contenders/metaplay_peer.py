"""metaplay's own engine, as its runs use it."""

from contextlib import nullcontext
from types import SimpleNamespace

import torch
from torch import Generator

from benchmarks.peers.contenders.base import episodes_of, settle
from benchmarks.peers.problem import SEED, Arrays, Problem
from metaplay.algorithms.base import Learner
from metaplay.algorithms.maml import Maml
from metaplay.algorithms.reptile import Reptile
from metaplay.episodes import Episodes
from metaplay.models.base import Params
from metaplay.registry import ALGORITHMS, load
from metaplay.training.commit import commit
from metaplay.verify.subject import float64


class Metaplay:
    """A learner of the configuration; `update` is what a run calls for each meta-step."""

    version = commit()

    def __init__(self, problem: Problem, device: str):
        config, self.device = problem.config, torch.device(device)
        outputs = 1 if config.network == "mlp" else config.way
        family = SimpleNamespace(input_shape=problem.support_x.shape[2:], outputs=outputs)
        with float64() if problem.support_x.dtype == "float64" else nullcontext():
            self.learner: Learner = load(ALGORITHMS[config.algorithm])(config, family, self.device)
        with torch.no_grad():
            for name, value in self.learner.params.items():
                value.copy_(torch.from_numpy(problem.params[name]))
        self.give(episodes_of(problem, self.device))
        self.rng = Generator(self.device).manual_seed(SEED)

    def give(self, episodes: Episodes) -> None:
        self.episodes = episodes

    def parameters(self) -> Arrays:
        return {name: value.detach().cpu().numpy() for name, value in self.learner.params.items()}

    def gradient(self) -> Arrays:
        if isinstance(self.learner, Reptile):
            found = self._moved(self.learner)
        else:
            assert isinstance(self.learner, Maml)
            found, _ = self.learner.meta_gradient(self.episodes, 0)
        return {name: value.detach().cpu().numpy() for name, value in found.items()}

    def _moved(self, learner: Reptile) -> Params:
        """Reptile's direction: how far a meta-step moves the parameters, at an outer rate of 1; it is then taken back."""
        before = {name: value.clone() for name, value in learner.state().items()}
        learner.update(self.episodes, 0, Generator(self.device).manual_seed(SEED))
        rate = learner.outer_lr(0)
        found = {name: (value.detach() - before[f"params.{name}"]) / rate for name, value in learner.params.items()}
        learner.load_state(before)
        return found

    def step(self) -> None:
        self.learner.update(self.episodes, 0, self.rng)
        settle(self.device)
