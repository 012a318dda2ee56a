"""RunConfig: every refusal in its own words, defaults that can be run, and a share link that brings the same run back."""

import pickle
from itertools import product
from typing import Any

import pytest

from metaplay.config import (
    ConfigError,
    RunConfig,
    applicable,
    bounds,
    control,
    defaults,
    parse,
    revise,
    summary,
)
from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS, able

PAIRS = [pair for pair in product(ALGORITHMS, FAMILIES) if able(*pair)]
STROKES = {**defaults("maml", "strokes").model_dump()}
OMNIGLOT = {**defaults("maml", "omniglot").model_dump()}
PROTONET = {**defaults("protonet", "mnist").model_dump()}
IMAGES = {"algorithm": "joint", "family": "mnist", "network": "conv4", "hold_out": "images", "way": 10, "shot": 1}

REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"wya": 5}, "wya: there is no such setting; the settings are algorithm, family, network,"),
    ({"algorithm": "mamo"}, "algorithm = mamo: there is none of that name; choose one of maml, fomaml, mamlpp,"),
    (
        {"family": "cats"},
        f"family = cats: there is none of that name; choose one of {', '.join(FAMILIES)}.",
    ),
    (
        {"network": "gpt"},
        "network = gpt: there is none of that name; choose one of mlp, conv4, conv4-pool, ngrams, policy.",
    ),
    (
        {"algorithm": "maml", "family": "omniglot", "network": "conv4", "protocol": "domains"},
        "protocol = domains is not one of omniglot's; choose one of plain, finn, antoniou, nichol, vinyals.",
    ),
    ({"network": "conv4"}, "network = conv4 cannot take sinusoid tasks; choose one of mlp."),
    ({"algorithm": "protonet"}, "algorithm = protonet cannot learn sinusoid; choose another of the two"),
    ({"way": 6}, "way does not apply to maml on sinusoid; leave it out."),
    ({"msl": True}, "msl does not apply to maml on sinusoid; leave it out."),
    ({"algorithm": "mamlpp", "bnrs": True}, "bnrs does not apply to mamlpp on sinusoid; leave it out."),
    ({"algorithm": "scratch", "steps": 5}, "steps does not apply to scratch on sinusoid; leave it out."),
    ({"shot": 0}, "shot = 0: choose a whole number from 1 to 50."),
    ({"shot": "x"}, "shot = x: choose a whole number from 1 to 50."),
    ({"shot": 1.5}, "shot = 1.5: choose a whole number from 1 to 50."),
    ({"steps": 10**9}, "steps = 1000000000: choose a whole number from 1 to 1000000."),
    ({"seed": -1}, "seed = -1: choose a whole number from 0 to 2147483647."),
    ({"inner_lr": 0}, "inner_lr = 0: choose a number above 0 and at most 10."),
    ({"inner_lr": "nan"}, "inner_lr = nan: choose a number above 0 and at most 10."),
    ({"outer_lr": 11}, "outer_lr = 11: choose a number above 0 and at most 10."),
    ({**STROKES, "transductive": "perhaps"}, "transductive = perhaps: choose true or false."),
    ({**STROKES, "hold_out": "alphabets"}, "hold_out = alphabets: choose one of 'classes' or 'images'."),
    ({"algorithm": "reptile", "inner_optimizer": "lion"}, "inner_optimizer = lion: choose one of 'sgd' or 'adam'."),
    ({"algorithm": 3}, "algorithm = 3: there is none of that name; choose one of maml,"),
    (
        {**OMNIGLOT, "protocol": "lake"},
        "protocol = lake: there is none of that name; choose one of plain, finn, antoniou, nichol, vinyals, domains.",
    ),
    ({**STROKES, "protocol": "finn"}, "protocol does not apply to maml on strokes; leave it out."),
    (
        {**OMNIGLOT, "protocol": "finn", "rotations": True},
        "rotations does not apply to maml on omniglot with protocol = finn; leave it out.",
    ),
    (
        {**OMNIGLOT, "protocol": "finn", "hold_out": "images"},
        "protocol does not apply to maml on omniglot with hold_out = images; leave it out.",
    ),
    (
        {**OMNIGLOT, "protocol": "antoniou", "way": 51},
        "way = 51 is more than the 50 classes that omniglot holds out for a task; choose at most 50.",
    ),
    ({**STROKES, "train_way": 20}, "train_way does not apply to maml on strokes; leave it out."),
    (
        {**PROTONET, "train_way": 7},
        "train_way = 7: choose 2 or more of the 6 training classes of mnist, or 0 for as many as at test.",
    ),
    (
        {**PROTONET, "train_way": 1},
        "train_way = 1: choose 2 or more of the 6 training classes of mnist, or 0 for as many as at test.",
    ),
    (
        {**PROTONET, "train_way": 6, "hold_out": "images"},
        "train_way does not apply to protonet on mnist with hold_out = images; leave it out.",
    ),
    ({**PROTONET, "train_way": 61}, "train_way = 61: choose a whole number from 0 to 60."),
    (
        {"inner_steps": 6, "test_inner_steps": 5},
        "test_inner_steps = 5 is less than inner_steps = 6: test with at least as many steps as in training.",
    ),
    (
        {**IMAGES, "hold_out": "classes"},
        "way = 10 is more than the 2 classes that mnist holds out for a task; choose at most 2.",
    ),
    ({**IMAGES, "way": 11}, "way = 11 is more than the 10 classes that mnist holds out for a task; choose at most 10."),
    (
        {**STROKES, "shot": 16, "query": 5},
        "shot + query = 21 is more than the 20 examples that each class of strokes has for a task; lower one of them.",
    ),
    (
        {**STROKES, "hold_out": "images", "shot": 6, "query": 5},
        "shot + query = 11 is more than the 6 examples that each class of strokes has for a task; lower one of them.",
    ),
]


@pytest.mark.parametrize(("values", "sentence"), REFUSALS, ids=[sentence[:40] for _, sentence in REFUSALS])
def test_what_cannot_be_run_is_refused_in_one_sentence(values: dict[str, Any], sentence: str):
    with pytest.raises(ConfigError) as error:
        parse(values)
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)
    assert error.value.text.zh != error.value.text.en


def test_training_shots_count_too_where_there_are_more_of_them():
    config = revise(defaults("reptile", "strokes"), {"query": 5})
    assert revise(config, {"train_shot": 15}).train_shot == 15
    with pytest.raises(ConfigError, match=r"shot \+ query = 21 is more than the 20 examples"):
        revise(config, {"train_shot": 16})


@pytest.mark.parametrize(
    ("protocol", "way"), [("plain", 60), ("finn", 60), ("antoniou", 50), ("nichol", 50), ("vinyals", 60)]
)
def test_a_protocol_allows_as_many_ways_as_it_has_classes(protocol: str, way: int):
    assert parse({**OMNIGLOT, "protocol": protocol, "way": way}).way == way


def test_training_may_have_more_ways_than_are_held_out():
    assert parse({**PROTONET, "train_way": 6}).train_way == 6


@pytest.mark.parametrize(("algorithm", "family"), PAIRS)
def test_every_algorithm_has_defaults_on_every_family(algorithm: str, family: str):
    config = defaults(algorithm, family)
    assert (config.algorithm, config.family) == (algorithm, family)
    assert config.network in FAMILIES[family].networks
    assert all(getattr(config, name) == value for name, value in ALGORITHMS[algorithm].defaults.items()
               if name in applicable(config))  # fmt: skip


@pytest.mark.parametrize(("algorithm", "family"), PAIRS)
def test_a_share_link_brings_the_same_run_back(algorithm: str, family: str):
    config = revise(defaults(algorithm, family), {"seed": 7, "eval_tasks": 99})
    query = {name: str(value).lower() for name, value in summary(config).items()}
    assert parse(query) == config


def test_defaults_of_an_unknown_name_say_so():
    with pytest.raises(ConfigError, match="algorithm = x: there is none of that name"):
        defaults("x", "sinusoid")
    with pytest.raises(ConfigError, match="family = x: there is none of that name"):
        defaults("maml", "x")


def test_only_what_means_something_applies():
    assert "way" not in applicable(defaults("maml", "sinusoid"))
    assert {"way", "rotations", "transductive"} <= set(applicable(defaults("maml", "strokes")))
    assert "msl" not in applicable(defaults("maml", "strokes"))
    assert {"msl", "lslr", "da", "bnrs", "bnwb", "ca"} <= set(applicable(defaults("mamlpp", "strokes")))
    assert {"msl", "lslr", "da", "ca"} <= set(applicable(defaults("mamlpp", "sinusoid")))
    assert not {"bnrs", "bnwb"} & set(applicable(defaults("mamlpp", "sinusoid")))
    assert not {"steps", "outer_lr", "inner_steps", "meta_batch"} & set(applicable(defaults("scratch", "strokes")))
    assert {"inner_optimizer", "inner_batch", "train_shot"} <= set(applicable(defaults("reptile", "strokes")))


def test_what_a_registered_name_points_at_is_a_field():
    for entry in [*ALGORITHMS.values(), *FAMILIES.values()]:
        assert {*entry.fields, *entry.defaults} <= set(RunConfig.model_fields)
    assert all(network in NETWORKS for family in FAMILIES.values() for network in family.networks)


def test_every_field_explains_itself_in_both_languages():
    for name in RunConfig.model_fields:
        item = control(name)
        for text in (item.label, item.help):
            assert text.en
            assert any("\u4e00" <= character <= "\u9fff" for character in text.zh), name
        assert item.help.en.endswith(".")


def test_bounds_are_those_that_are_enforced():
    assert bounds("shot") == (1, 50)
    assert bounds("inner_lr") == (0, 10)
    assert bounds("algorithm") == (None, None)


def test_a_configuration_cannot_be_changed_in_place_and_survives_pickle():
    config = defaults("mamlpp", "strokes")
    with pytest.raises(ValueError, match="frozen"):
        config.way = 3  # pyright: ignore[reportAttributeAccessIssue]
    assert pickle.loads(pickle.dumps(config)) == config
