"""Which configurations `verify` takes up."""

from typing import Any

import pytest

from metaplay.presets import PRESETS
from metaplay.registry import ALGORITHMS, NETWORKS, able
from metaplay.text import UserError
from metaplay.verify.plan import plan


def asked(name: str | None = None, *algorithms: str, every: bool = False, **values: Any) -> list[Any]:
    return plan(name, values, algorithms, every)


def test_without_a_preset_every_algorithm_on_every_network_without_data():
    configs = asked()
    pairs = {(config.algorithm, config.network) for config in configs}
    assert {network for _, network in pairs} == {"mlp", "conv4", "conv4-pool", "ngrams"}
    assert {algorithm for algorithm, network in pairs if network == "conv4"} == set(ALGORITHMS)
    assert {config.family for config in configs} == {"sinusoid", "strokes", "everyday"}
    alone = {config.network for config in configs if config.algorithm == "maml" and not config.transductive}
    assert alone == {"conv4-pool"}
    assert any(config.da for config in configs)


def test_a_preset_is_taken_as_it_is():
    for name, preset in PRESETS.items():
        assert asked(name) == [preset.config]


def test_other_algorithms_on_the_tasks_of_a_preset():
    (maml,) = asked("sinusoid-maml", shot=5)
    anil, metasgd = asked("sinusoid-maml", "anil", "metasgd", shot=5)
    assert (anil.algorithm, metasgd.algorithm) == ("anil", "metasgd")
    assert maml.shot == anil.shot == metasgd.shot == 5
    (cavia,) = asked("sinusoid-maml", "cavia", context=3)
    assert cavia.context == 3


def test_with_all_a_value_goes_to_those_to_which_it_applies():
    configs = asked("omniglot-5w1s-maml", every=True, inner_steps=2, context=7, bnrs="false")
    assert [config.algorithm for config in configs] == [name for name in ALGORITHMS if able(name, "omniglot")]
    assert all(config.inner_steps == 2 for config in configs if "inner_steps" in ALGORITHMS[config.algorithm].fields)
    assert [config.context for config in configs if config.algorithm == "cavia"] == [7]
    assert [config.bnrs for config in configs if config.algorithm == "mamlpp"] == [False]


def test_another_family_with_all():
    assert {config.family for config in asked("sinusoid-maml", every=True, family="strokes", way=3)} == {"strokes"}


@pytest.mark.parametrize(
    ("arguments", "every", "values", "sentence"),
    [
        (["nope"], False, {}, "nope: there is no such preset"),
        ([None, "nope"], False, {}, "algorithm = nope: there is none of that name"),
        (["sinusoid-maml", "protonet"], False, {}, "algorithm = protonet cannot learn sinusoid"),
        (["sinusoid-maml", "anil"], True, {}, "--all and --algorithm: choose one"),
        (["sinusoid-maml"], True, {"bnrs": "true"}, "bnrs does not apply"),
        ([None], False, {"wya": "5"}, "wya: there is no such setting"),
        (["sinusoid-maml"], False, {"inner_steps": "0"}, "inner_steps = 0: choose"),
    ],
)
def test_a_mistake_is_refused(arguments: list[Any], every: bool, values: dict[str, str], sentence: str):
    with pytest.raises(UserError, match=sentence):
        asked(*arguments, every=every, **values)


def test_every_network_has_its_naive_loop():
    from metaplay.verify.expected import STRIDES
    from metaplay.verify.proofs import PROOFS

    assert set(STRIDES) == set(NETWORKS) - {"policy"}  # tests/unit/algorithms/test_meta_policy.py has that of policies
    assert set(PROOFS) == set(ALGORITHMS)
