"""Drawing a problem with metaplay's own families and networks."""

import torch
from torch import Generator

from benchmarks.peers.problem import SEED, Problem
from metaplay.algorithms.inner import example_order
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, TaskFamily
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.verify.subject import perturb


def draw(config: RunConfig) -> Problem:
    """Fresh parameters, moved away from the zeros and ones where errors could hide, and training tasks, in float32."""
    device = torch.device("cpu")
    family: TaskFamily = load(FAMILIES[config.family])(config, device)
    learner = load(ALGORITHMS[config.algorithm])(config, family, device)
    perturb(learner.params)
    shot, rng = config.train_shot or config.shot, Generator().manual_seed(SEED)
    episodes = family.sample("train", config.meta_batch, shot, config.query, rng)
    return Problem(
        config,
        {name: value.detach().numpy() for name, value in learner.params.items()},
        episodes.support_x.numpy(),
        episodes.support_y.numpy(),
        episodes.query_x.numpy(),
        episodes.query_y.numpy(),
        _order(config, episodes),
    )


def _order(config: RunConfig, episodes: Episodes):
    """The examples that Reptile's steps use, as metaplay draws them."""
    order = example_order(episodes, config.inner_steps, config.inner_batch, Generator().manual_seed(SEED))
    return None if order is None else order.numpy()
