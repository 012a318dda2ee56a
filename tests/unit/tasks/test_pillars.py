"""Obstacles of 2D navigation: collisions beside a loop over agents that walks in tiny steps, and what they promise."""

import math

import pytest
import torch
from torch import Generator, Tensor

from metaplay.config import defaults, revise
from metaplay.config.pillars import PILLARS, RADIUS
from metaplay.environments import Environments
from metaplay.tasks.cells import CELLS
from metaplay.tasks.navigation import REACH, SPEED, WIND, Navigation
from metaplay.tasks.pillars import slide

CPU = torch.device("cpu")
CENTRES = torch.tensor(PILLARS, dtype=torch.float64)
LONGEST = math.sqrt(2) * (SPEED + WIND)


def off(places: Tensor) -> Tensor:
    """Of each place, how far from the nearest pillar's edge it is; below 0 inside."""
    return (places.unsqueeze(-2) - CENTRES).norm(dim=-1).amin(-1) - RADIUS


def some_moves(number: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """From places outside, as long as moves can be."""
    rng = Generator().manual_seed(seed)
    places = 1.2 * torch.rand(4 * number, 2, generator=rng, dtype=torch.float64) - 0.6
    places = places[off(places) > 0][:number]
    moves = (2 * torch.rand(number, 2, generator=rng, dtype=torch.float64) - 1) * LONGEST / math.sqrt(2)
    return places, moves


def naive(place: Tensor, move: Tensor) -> tuple[Tensor, bool]:
    """A walk in tiny steps up to the first pillar that it meets, and the rest of the move along its tangent."""
    shares = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    for number in (off(place + shares[:, None] * move) < 0).nonzero().flatten()[:1].tolist():
        here = place + shares[number] * move
        normal = here - CENTRES[(here - CENTRES).norm(dim=-1).argmin()]
        tangent = torch.stack((-normal[1], normal[0])) / normal.norm()
        return here + (1 - shares[number]) * (move @ tangent) * tangent, True
    return place + move, False


def test_collisions_are_those_of_a_loop_that_walks_in_tiny_steps():
    places, moves = some_moves(200)
    theirs = [naive(place, move) for place, move in zip(places, moves, strict=True)]
    torch.testing.assert_close(slide(places, moves), torch.stack([end for end, _ in theirs]), atol=3e-4, rtol=0)
    assert sum(hit for _, hit in theirs) >= 15


def test_no_move_ends_in_a_pillar_goes_through_one_or_is_longer_than_it_was_asked_for():
    places, moves = some_moves(20_000, seed=1)
    ends = slide(places, moves)
    assert off(ends).min() > -1e-9
    assert ((ends - places).norm(dim=-1) <= moves.norm(dim=-1) + 1e-9).all()
    straight = off(places + 0.5 * moves) > 0
    assert (off((places + ends) / 2)[straight] > -0.02).all()  # a slide cuts the round edge by that much at most
    far = off(places) > LONGEST
    torch.testing.assert_close(ends[far], (places + moves)[far])


def test_head_on_it_stops_and_a_glancing_move_slides_past():
    centre, one = CENTRES[0], torch.tensor([1.0, 0.0], dtype=torch.float64)
    touching = centre - (RADIUS + 0.02) * one
    stopped = slide(touching, 0.1 * one)
    torch.testing.assert_close(stopped, centre - RADIUS * one, atol=1e-9, rtol=0)
    torch.testing.assert_close(slide(stopped, 0.1 * one), stopped, atol=1e-9, rtol=0)
    torch.testing.assert_close(slide(stopped, -0.1 * one), stopped - 0.1 * one)
    past = slide(stopped, torch.tensor([0.05, 0.05], dtype=torch.float64))
    torch.testing.assert_close(past, stopped + torch.tensor([0.0, 0.05], dtype=torch.float64))


def test_a_wind_and_the_greatest_speed_jump_over_no_pillar():
    family = Navigation(revise(defaults("maml", "nav2d"), {"obstacles": True, "wind": True}), CPU)
    environments = Environments(torch.tensor([[0.5, 0.5, WIND, WIND]]))
    place = torch.tensor([[[0.25, 0.25]]]) - (RADIUS + 1e-3) / math.sqrt(2)
    moved, _, _ = family.step(environments, place, torch.ones(1, 1, 2))
    assert ((moved - 0.25).norm() - RADIUS).abs() < 1e-3
    assert (moved - place).norm() < 2e-3


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_no_goal_lies_in_a_pillar_and_the_cells_stay_those_of_their_splits(split):
    def goals(**changes) -> Tensor:
        family = Navigation(revise(defaults("maml", "nav2d"), changes), CPU)
        return family.sample(split, 4000, 0, 0, Generator().manual_seed(3)).latent[:, :2].double()

    def cells(places: Tensor) -> set[tuple[int, int]]:
        return {(x, y) for x, y in ((places / REACH + 1) / 2 * CELLS).long().clamp(0, CELLS - 1).tolist()}

    without, with_pillars = goals(), goals(obstacles=True)
    assert off(without).min() < 0 < off(with_pillars).min()
    assert cells(with_pillars) < cells(without)
    assert off(goals(obstacles=True, goals="circle")).min() > 0
