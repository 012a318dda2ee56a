"""2D navigation: what its tasks promise."""

import pytest
import torch
from torch import Generator

from metaplay.config import defaults, revise
from metaplay.environments import Environments
from metaplay.tasks.cells import CELLS
from metaplay.tasks.navigation import ARRIVED, HORIZON, REACH, SPEED, WIND, Navigation

CPU = torch.device("cpu")
SPLITS = ("train", "val", "test")


def make(**changes) -> Navigation:
    return Navigation(revise(defaults("maml", "nav2d"), changes), CPU)


def sample(family: Navigation, split, tasks: int = 4000) -> torch.Tensor:
    return family.sample(split, tasks, 0, 0, Generator().manual_seed(3)).latent


def test_goals_fill_the_square_and_no_cell_of_it_is_in_two_splits():
    family, cells = make(), {}
    for split in SPLITS:
        goals = sample(family, split)[:, :2]
        assert goals.abs().max() <= REACH
        places = ((goals / REACH + 1) / 2 * CELLS).long().clamp(0, CELLS - 1)
        cells[split] = {(x, y) for x, y in places.tolist()}
    assert not cells["train"] & cells["val"]
    assert not cells["train"] & cells["test"]
    assert not cells["val"] & cells["test"]
    assert len(cells["test"]) == len(cells["val"]) == 40
    assert len(cells["train"]) == 320
    assert sample(family, "test")[:, :2].std() > 0.25  # of U[-0.5, 0.5]: 0.289


def test_the_generator_decides_the_goals_and_without_wind_there_is_none():
    first, again = sample(make(), "train"), sample(make(), "train")
    assert torch.equal(first, again)
    assert (first[:, 2:] == 0).all()


def test_goals_on_a_circle_and_wind_of_each_task():
    drawn = sample(make(goals="circle", wind=True), "test")
    torch.testing.assert_close(drawn[:, :2].norm(dim=1), torch.full((4000,), REACH))
    assert drawn[:, 2:].abs().max() <= WIND
    assert drawn[:, 2:].std(0).min() > WIND / 3


def test_wind_carries_an_agent_that_does_nothing():
    family, environments = make(wind=True), Environments(torch.tensor([[0.3, 0.3, 0.02, -0.01]]))
    moved, reward, ended = family.step(environments, family.start(environments, 1, Generator()), torch.zeros(1, 1, 2))
    torch.testing.assert_close(moved[0, 0], torch.tensor([0.02, -0.01]))
    torch.testing.assert_close(reward[0, 0], -torch.tensor([0.28, 0.31]).norm())
    assert not ended.any()


@pytest.mark.parametrize("wind", [False, True])
def test_no_way_that_was_tried_beats_the_oracle(wind: bool):
    family = make(wind=wind)
    environments = family.sample("val", 30, 0, 0, Generator().manual_seed(1))
    best, goal = family.oracle(environments), environments.latent[:, None, :2]
    blown = environments.latent[:, None, 2:]
    rng = Generator().manual_seed(2)
    for haste in (1.0, 0.9, 0.6):  # straight there, at some of the possible speed, with and without mistakes
        for mistakes in (0.0, 0.1):
            place, alive, total = family.start(environments, 8, rng), torch.ones(30, 8), torch.zeros(30, 8)
            for _ in range(HORIZON):
                action = haste * (goal - place - blown) / SPEED + mistakes * torch.randn(30, 8, 2, generator=rng)
                following, reward, ended = family.step(environments, place, action)
                total, place = total + alive * reward, torch.where(alive[..., None] > 0, following, place)
                alive = alive * ~ended
            assert (total <= best[:, None] + 1e-5).all()
            if haste == 1 and not mistakes:
                torch.testing.assert_close(total, best[:, None].expand(30, 8), atol=1e-4, rtol=0)


def test_it_ends_where_both_coordinates_are_within_a_hundredth():
    family = make()
    environments = Environments(torch.tensor([[ARRIVED * 0.9, -ARRIVED * 0.9, 0, 0], [0.0, ARRIVED * 1.1, 0, 0]]))
    _, _, ended = family.step(environments, family.start(environments, 1, Generator()), torch.zeros(2, 1, 2))
    assert ended.flatten().tolist() == [True, False]
