"""A contender's whole training until it is as accurate as asked: the same tasks, start and outer settings for all."""

import time
from typing import Any

import torch
from torch import Generator

from benchmarks.peers.contenders import Racer, load
from benchmarks.peers.problem import SEED, Problem
from metaplay.config import RunConfig, parse
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.registry import load as build
from metaplay.training.evaluate import evaluate

TASKS = 100
"""Validation tasks, the same for all and at all times."""


class Race:
    """One contender. It is judged by metaplay's evaluation, with its parameters in a metaplay learner of the same settings."""

    def __init__(self, name: str, config: dict[str, Any], device: str):
        self.config: RunConfig = parse(config)
        self.device = torch.device(device)
        self.family = build(FAMILIES[self.config.family])(self.config, self.device)
        self.judge = build(ALGORITHMS[self.config.algorithm])(self.config, self.family, self.device)
        self.rng = Generator(self.device).manual_seed(SEED)
        start = {name: value.detach().cpu().numpy().copy() for name, value in self.judge.params.items()}
        first = self._draw()
        parts = (first.support_x, first.support_y, first.query_x, first.query_y)
        self.racer: Racer = load(name)(Problem(self.config, start, *(part.cpu().numpy() for part in parts)), device)
        self.steps, self.seconds = 0, 0.0

    def train(self, steps: int) -> dict[str, Any]:
        """Some more meta-steps; the steps and seconds so far (tasks drawn, but not judged), and the accuracy on validation tasks
        after the last inner step."""
        began = time.perf_counter()
        for _ in range(steps):
            self.racer.give(self._draw())
            self.racer.step()
        self.seconds += time.perf_counter() - began
        self.steps += steps
        with torch.no_grad():
            for name, value in self.racer.parameters().items():
                self.judge.params[name].copy_(torch.from_numpy(value))
        judged = evaluate(self.judge, self.family, self.device, self.steps, TASKS, "val")
        return {"steps": self.steps, "seconds": self.seconds, "accuracy": judged.mean[-1]}

    def _draw(self):
        config = self.config
        return self.family.sample("train", config.meta_batch, config.shot, config.query, self.rng)
