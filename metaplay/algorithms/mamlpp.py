"""MAML++ (Antoniou et al. 2019, "How to train your MAML"): six repairs of MAML, each switched by a field of RunConfig."""

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Report
from metaplay.algorithms.maml import Maml
from metaplay.algorithms.running import RunningStats
from metaplay.config import EPOCHS, RunConfig
from metaplay.config.schedules import DA_EPOCHS, MSL_EPOCHS, cosine_rate, multi_step_weights
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Params, Stats
from metaplay.models.conv4 import LAYERS
from metaplay.registry import NETWORKS

LSLR_INNER_RATE = 0.1
"""The authors' inner rate, at which learned rates and weights share one outer rate."""


class MamlPlusPlus(Maml):
    """MAML with MSL, LSLR, DA, BNRS, BNWB and CA, section 4 of the paper; all switched off it is MAML bit for bit.

    Sets of per-step things are counted by inner steps taken: 0..K-1 on the support set, K on the query set. Inner steps beyond
    those of training use the last set of normalisation, and the inner rate of the configuration.
    """

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        self.rates: Params = {}
        super().__init__(config, family, device)
        layers = LAYERS if NETWORKS[config.network].norm and config.bnrs else 0
        self.running = RunningStats(config.width, layers, config.inner_steps + 1, device)

    @property
    def by_step(self) -> bool:
        return self.config.bnrs or self.config.bnwb

    def norm_sets(self) -> int:
        """BNWB: scale and shift of its own for each inner step (meta-learned; not adapted in the inner loop)."""
        return self.config.inner_steps + 1 if self.config.bnwb else 1

    def trainable(self) -> Params:
        """LSLR: one inner rate for each adapted parameter and step, [K], starting at the inner rate; no bound, as the authors."""
        if self.config.lslr and not self.rates:
            self.rates = {
                f"rate.{name}": torch.full(
                    (self.config.inner_steps,), self.config.inner_lr, device=self.params[name].device
                ).requires_grad_()
                for name in self.adapted
            }
        return {**self.params, **self.rates}

    def outer_scales(self) -> dict[str, float]:
        """Adam moves a rate by the same share of itself at any inner rate: as the authors' does at theirs."""
        return dict.fromkeys(self.rates, self.config.inner_lr / LSLR_INNER_RATE)

    def rate(self, name: str, inner_step: int) -> float | Tensor:
        """Beyond the trained steps, the rate that all started from: each was learned for its own step, and the last one, used
        again and again, was seen to end in infinity."""
        if not self.rates or inner_step >= self.config.inner_steps:
            return super().rate(name, inner_step)
        return self.rates[f"rate.{name}"][inner_step]

    def learned_rates(self) -> dict[str, list[float]]:
        return {name.removeprefix("rate."): rates.tolist() for name, rates in self.rates.items()}

    def epoch(self, step: int) -> int:
        return step * EPOCHS // self.config.steps

    def second_order(self, step: int) -> bool:
        """DA: first order for the first half of the run."""
        return not self.config.da or self.epoch(step) >= DA_EPOCHS

    def loss_weights(self, step: int) -> list[float]:
        """MSL: the loss after every inner step counts at first."""
        if not self.config.msl or self.epoch(step) >= MSL_EPOCHS:
            return super().loss_weights(step)
        return multi_step_weights(self.config.inner_steps, self.epoch(step))

    def outer_lr(self, step: int) -> float:
        """CA: Adam's rate falls along a cosine, epoch by epoch (Loshchilov and Hutter 2017)."""
        if not self.config.ca:
            return super().outer_lr(step)
        return cosine_rate(self.config.outer_lr, self.epoch(step))

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        """BNRS: running statistics move once a meta-step, when its gradient is known to be finite."""
        self.running.forget()
        report = super().update(episodes, step, rng)
        self.running.settle()
        return report

    def observe(self, stats: Stats, k: int) -> None:
        """BNRS: notes the statistics of each inner step."""
        if self.config.bnrs:
            self.running.observe(stats, k)

    def train_query(self, fast: Params, episodes: Episodes, k: int) -> Tensor:
        """BNRS also learns the statistics after k steps: the queries' where they may be seen together, else the support's."""
        if not self.config.bnrs:
            return super().train_query(fast, episodes, k)
        x = episodes.query_x if self.config.transductive else episodes.support_x
        with torch.set_grad_enabled(self.config.transductive):
            outputs, stats = self.model.forward(fast, x, k)
        self.observe(stats, k)
        return outputs if self.config.transductive else self.predict(fast, episodes, k)

    def query_stats(self, fast: Params, episodes: Episodes, step: int) -> Stats:
        """BNRS: the running statistics of the step judge the queries; without it, the support set's."""
        return self.running.at(step) if self.config.bnrs else super().query_stats(fast, episodes, step)

    def state(self) -> dict[str, Tensor]:
        return {**super().state(), **self.running.state()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        super().load_state(tensors)
        self.running.load_state(tensors)
