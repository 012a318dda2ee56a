"""`verify` finds every algorithm right, and each of several mistakes in them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from metaplay.algorithms import protonet
from metaplay.algorithms.baselines import Joint
from metaplay.algorithms.cavia import Cavia
from metaplay.algorithms.maml import Maml
from metaplay.algorithms.mamlpp import MamlPlusPlus
from metaplay.algorithms.metasgd import MetaSgd
from metaplay.algorithms.reptile import Reptile
from metaplay.config import RunConfig, defaults, revise
from metaplay.models.unrolled import UnrolledStep
from metaplay.registry import ALGORITHMS, able
from metaplay.tasks import cifar_fs
from metaplay.text import UserError
from metaplay.verify import naive
from metaplay.verify.proofs import Finding, prove

CIFAR_FS = sorted(name for part in cifar_fs.CLASSES.values() for name in part.split())
PAIRS = [(name, "sinusoid", "mlp") for name in ALGORITHMS if able(name, "sinusoid")]
PAIRS += [(name, "strokes", network) for name in ALGORITHMS for network in ("conv4", "conv4-pool")]


def config(algorithm: str, family: str = "sinusoid", **changes: Any) -> RunConfig:
    size = {"width": 5} if family == "sinusoid" else {"width": 4, "way": 3, "query": 2}
    steps = {"inner_steps": 2} if "inner_steps" in ALGORITHMS[algorithm].fields else {}
    return revise(defaults(algorithm, family), {**size, **steps, **changes})


def found(*arguments: Any, **changes: Any) -> list[Finding]:
    return list(prove(config(*arguments, **changes)))


@pytest.mark.parametrize(("algorithm", "family", "network"), PAIRS)
def test_every_algorithm_is_proven(algorithm: str, family: str, network: str):
    for finding in found(algorithm, family, network=network):
        assert finding.passed
        assert finding.naive < 1e-9
        if finding.exact:
            assert finding.second_order is not None
            assert finding.second_order > 1e-3
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.parametrize("algorithm", ["maml", "fomaml", "mamlpp", "anil", "metasgd", "cavia"])
def test_where_each_query_is_judged_alone_too(algorithm: str):
    assert all(finding.passed for finding in found(algorithm, "strokes", transductive=False))


@pytest.mark.parametrize("algorithm", ["maml", "cavia", "protonet"])
@pytest.mark.parametrize("network", ["conv4", "conv4-pool"])
def test_colour_images_are_proven_too(algorithm: str, network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_CACHE", str(tmp_path))
    pixels = np.random.default_rng(0).integers(0, 256, (100, 4, 3, 32, 32), np.uint8)
    np.savez(tmp_path / "cifar100-32px-v1.npz", pixels=pixels, names=np.array(CIFAR_FS))
    assert all(finding.passed for finding in found(algorithm, "cifar100", network=network))


def test_mamlpp_is_looked_at_in_first_order_and_in_second():
    early, late = found("mamlpp", da=True, steps=1000)
    assert (early.step, early.exact, late.step, late.exact) == (50, False, 999, True)
    assert early.second_order == pytest.approx(0, abs=1e-12)


def _first_order(method: Callable[..., Any]) -> Callable[..., Any]:
    def inner_step(self: Any, fast: Any, episodes: Any, k: int, second_order: bool, observe: Any = None) -> Any:
        return method(self, fast, episodes, k, False, observe)

    return inner_step


def _backwards(self: Any, episodes: Any, step: int, rng: Any) -> None:
    before = {name: value.clone() for name, value in self.params.items()}
    UPDATE(self, episodes, step, rng)
    with torch.no_grad():
        for name, value in self.params.items():
            value.copy_(2 * before[name] - value)


def _unsquared(embedded: Tensor, centres: Tensor) -> Tensor:
    return -(embedded.unsqueeze(2) - centres.unsqueeze(1)).norm(dim=-1)


def _one_task(self: Any, episodes: Any) -> Any:
    return EPISODE_LOSS(self, episodes[:1])


def _no_pull_back(self: Any, slopes: Any) -> None:
    """The slopes stay as they are: the first-order meta-gradient, on a network that has it written out."""


INNER_STEP, UPDATE, EPISODE_LOSS = Maml.inner_step, Reptile.update, Joint.episode_loss
MISTAKES: list[tuple[str, str, Any, str, Any]] = [
    ("maml", "sinusoid", UnrolledStep, "pull_back", _no_pull_back),
    ("maml", "strokes", Maml, "inner_step", _first_order(INNER_STEP)),
    ("anil", "sinusoid", UnrolledStep, "pull_back", _no_pull_back),
    ("anil", "strokes", Maml, "inner_step", _first_order(INNER_STEP)),
    ("fomaml", "sinusoid", Maml, "rate", lambda self, name, k: 2 * self.config.inner_lr),
    ("mamlpp", "sinusoid", MamlPlusPlus, "rate", Maml.rate),
    ("mamlpp", "sinusoid", MamlPlusPlus, "loss_weights", Maml.loss_weights),
    ("mamlpp", "strokes", MamlPlusPlus, "query_stats", Maml.query_stats),
    ("metasgd", "sinusoid", MetaSgd, "rate", lambda self, name, k: self.rates[f"rate.{name}"].mean()),
    ("cavia", "sinusoid", Cavia, "start", lambda self, tasks: {**self.params, "context": torch.ones(tasks, 5, requires_grad=True)}),
    ("protonet", "strokes", protonet, "closeness", _unsquared),
    ("reptile", "sinusoid", Reptile, "update", _backwards),
    ("reptile", "strokes", Reptile, "outer_lr", lambda self, step: self.config.outer_lr),
    ("joint", "strokes", Joint, "episode_loss", _one_task),
]  # fmt: skip


@pytest.mark.parametrize(
    ("algorithm", "family", "owner", "name", "mistake"),
    MISTAKES,
    ids=[f"{algorithm}, {family}: {name}" for algorithm, family, _, name, _ in MISTAKES],
)
def test_a_mistake_is_noticed(
    algorithm: str, family: str, owner: Any, name: str, mistake: Any, monkeypatch: pytest.MonkeyPatch
):
    changes = {"transductive": False} if name == "query_stats" else {}
    whole = config(algorithm, family, **changes)
    monkeypatch.setattr(owner, name, mistake)
    assert not all(finding.passed for finding in prove(whole))


def test_second_order_too_small_to_be_seen_is_not_passed_off_as_proven():
    (finding,) = found("maml", inner_lr=1e-12)
    assert finding.naive < 1e-9
    assert not finding.passed


def test_what_has_no_oracle_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(ALGORITHMS, "toy", ALGORITHMS["maml"])
    with pytest.raises(UserError, match="no naive loop of toy with mlp"):
        found("toy")


def test_the_naive_loop_shares_no_code():
    source = Path(naive.__file__).read_text(encoding="utf-8")
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import", "from"))}
    assert imported == {"collections", "functools", "torch"}
