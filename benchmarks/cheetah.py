"""How many time steps a second HalfCheetah takes: all bodies at once, and the same environment through Gymnasium's vector APIs.

    python -m benchmarks.cheetah [--rounds R] [--threads N]

Ours and Gymnasium's are given the same starts and actions, and must agree on every observation before they are timed. They take
turns in rounds, so that whatever else the machine does meets all. Wants `pip install -r requirements-rl.txt`.
"""

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.envs.mujoco.half_cheetah_v5 import HalfCheetahEnv
from torch import Generator

from metaplay.config import defaults
from metaplay.environments import Environments
from metaplay.tasks.cheetah import CheetahVelocity

TASKS, TRAJECTORIES, STEPS = 20, 10, 20
"""As many bodies as in a meta-batch of the preset."""
PROCESSES = 8
"""Bodies of AsyncVectorEnv, which has a process for each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with TemporaryDirectory() as folder, contextlib.chdir(folder):  # MuJoCo writes a log about Gymnasium's model
        measure(arguments.rounds, arguments.threads)


def measure(rounds: int, threads: int) -> None:
    """Print the table."""
    family, environments = CheetahVelocity(defaults("maml", "cheetah-vel"), torch.device("cpu")), _environments()
    actions = torch.randn(STEPS, TASKS, TRAJECTORIES, 6, generator=Generator().manual_seed(0))
    given = [*actions.flatten(1, 2).clamp(-1, 1).numpy()]
    check(family, environments, given)
    singly = gymnasium.vector.SyncVectorEnv([HalfCheetahEnv] * len(given[0]))
    processes = gymnasium.vector.AsyncVectorEnv([HalfCheetahEnv] * PROCESSES)
    ways: dict[str, tuple[int, Callable[[], None]]] = {
        f"metaplay, all at once, {threads} threads": (
            len(given[0]),
            lambda: together(family, environments, actions),
        ),
        "Gymnasium, SyncVectorEnv": (len(given[0]), lambda: through(singly, given)),
        f"Gymnasium, AsyncVectorEnv, {PROCESSES} processes": (
            PROCESSES,
            lambda: through(processes, [action[:PROCESSES] for action in given]),
        ),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (copies, run) in ways.items():
            began = time.perf_counter()
            run()
            rates[name].append(copies * STEPS / (time.perf_counter() - began))
    processes.close()
    print("| environment | steps/s, median | least | most |\n|---|---|---|---|")
    for name, found in rates.items():
        print(f"| {name} | {statistics.median(found):,.0f} | {min(found):,.0f} | {max(found):,.0f} |")


def _environments() -> Environments:
    return Environments(torch.ones(TASKS, 1))


def together(family: CheetahVelocity, environments: Environments, actions: torch.Tensor) -> None:
    """A trajectory of every body: what a rollout does, the policy left aside."""
    state = family.start(environments, TRAJECTORIES, Generator().manual_seed(1))
    for action in actions:
        state, _, _ = family.step(environments, state, action)
        family.observe(state)


def through(copies: Any, actions: Sequence[np.ndarray]) -> None:
    """The same through Gymnasium's vector API."""
    copies.reset()
    for action in actions:
        copies.step(action)


def check(family: CheetahVelocity, environments: Environments, actions: Sequence[np.ndarray]) -> None:
    """Raises AssertionError unless both say the same of every body."""
    start = family.start(environments, TRAJECTORIES, Generator().manual_seed(1))
    singly, state, seen = HalfCheetahEnv(), start, []
    for action in actions:
        state, _, _ = family.step(environments, state, torch.as_tensor(action).view(TASKS, TRAJECTORIES, 6))
        seen.append(family.observe(state).flatten(0, 1).numpy())
    for body, (places, speeds, _) in enumerate(start.flatten(0, 1).view(-1, 3, 9).numpy()):
        singly.reset()
        singly.set_state(places, speeds)
        for time_step, action in enumerate(actions):
            np.testing.assert_array_equal(singly.step(action[body])[0].astype(np.float32), seen[time_step][body])


if __name__ == "__main__":
    main()
