"""Presets: all there, all valid, each saying what it shows and which paper it is after; and no figure that was not read."""

import re

import pytest

from metaplay.config import applicable, summary
from metaplay.presets import CARDS, GROUPS, PRESETS, preset
from metaplay.presets.ablation import ABLATION, SWITCHES
from metaplay.presets.figures import FIGURES
from metaplay.presets.navigation import NAVIGATION
from metaplay.presets.papers import PAPERS, SETTINGS
from metaplay.presets.pendulum import PENDULUM
from metaplay.presets.sentences import SENTENCES
from metaplay.text import UserError

NAMES = {
    *(f"sinusoid-{name}" for name in ("maml", "fomaml", "mamlpp", "metasgd", "cavia", "reptile")),
    *(f"strokes-5w1s-{name}" for name in ("maml", "mamlpp", "anil", "protonet", "reptile")),
    *(f"omniglot-5w1s-{name}" for name in ("maml", "fomaml", "mamlpp", "reptile")),
    *(f"everyday-5w5s-{name}" for name in ("protonet", "maml", "anil")),
    *(f"everyday-zh-5w5s-{name}" for name in ("protonet", "maml")),
    "clinc150-5w1s-protonet",
    "clinc150-5w1s-maml",
    "clinc150-5w5s-protonet",
    *(f"nav2d-{name}" for name in ("maml", "fomaml", "reptile", "pretrained", "random")),
    "mnist-joint",
}
ON_OMNIGLOT = ("maml", "fomaml", "mamlpp", "reptile", "anil", "metasgd", "protonet")
ON_SINUSOID = ("maml", "fomaml", "metasgd", "mamlpp", "reptile", "anil", "cavia")

READ = {
    "omniglot": {
        "maml": "98.7 ± 0.4 %, 99.9 ± 0.1 %, 95.8 ± 0.3 %, 98.9 ± 0.2 %",
        "fomaml": "98.3 ± 0.5 %, 99.2 ± 0.2 %, 89.4 ± 0.5 %, 97.9 ± 0.1 %",
        "reptile": "95.39 ± 0.09 %, 98.90 ± 0.10 %, 88.14 ± 0.15 %, 96.65 ± 0.33 %",
        "reptile-transductive": "97.68 ± 0.04 %, 99.48 ± 0.06 %, 89.43 ± 0.14 %, 97.12 ± 0.32 %",
        "mamlpp": "99.47 %, 99.93 %, , ",
        "metasgd": "99.53 ± 0.26 %, 99.93 ± 0.09 %, 95.9 %, 99.0 %",
        "protonet": ", , , ",
        "anil": ", , 96.2 %, 98.0 %",
    },
    "sinusoid": {"maml": "0.72, 0.67", "metasgd": "0.46, 0.31", "fomaml": "0.81, ", "reptile": "1.3, "},
}
"""Every figure that was read in its source: Omniglot 5w1s, 5w5s, 20w1s, 20w5s; sinusoid K = 5, 10. Blank: not read."""
COLUMNS = {"omniglot": ("5w1s", "5w5s", "20w1s", "20w5s"), "sinusoid": ("k5", "k10")}


def test_the_promised_presets_are_there():
    assert set(CARDS) == NAMES
    omniglot = {f"paper-omniglot-{setting}-{name}" for setting in COLUMNS["omniglot"] for name in ON_OMNIGLOT}
    assert set(PAPERS) == omniglot | {f"paper-sinusoid-{k}-{name}" for k in COLUMNS["sinusoid"] for name in ON_SINUSOID}
    assert set(ABLATION) == {f"ablation-{name}" for name in ("maml", *SWITCHES, "mamlpp")}
    assert list(PRESETS) == [name for _, group in GROUPS for name in group]
    more = [name for name in SENTENCES if name not in CARDS]
    cards = [name for name in CARDS if name not in NAVIGATION]
    first, last = [*cards, *more, *NAVIGATION, *PENDULUM], [*PAPERS, *ABLATION]
    assert list(PRESETS)[: len(first)] == first
    assert list(PRESETS)[-len(last) :] == last
    assert set(NAVIGATION) == {f"nav2d-{name}" for name in ("maml", "fomaml", "reptile", "pretrained", "random")}


@pytest.mark.parametrize("name", [*(name for name in CARDS if name not in NAVIGATION), *SENTENCES, *PAPERS])
def test_a_preset_is_what_its_name_says(name: str):
    config = preset(name).config
    assert name.removeprefix("paper-").startswith(f"{config.family}-")
    assert name.rsplit("-", maxsplit=1)[-1] == config.algorithm
    if task := re.search(r"(\d+)w(\d+)s", name):
        assert (config.way, config.shot) == (int(task[1]), int(task[2]))
    if points := re.search(r"-k(\d+)-", name):
        assert config.shot == int(points[1])
    assert set(preset(name).values) <= set(applicable(config))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_speaks_both_languages(name: str):
    item = preset(name)
    assert item.title.en
    assert item.title.zh != item.title.en
    if item.after:
        assert item.after.zh != item.after.en
        assert not re.search(r"[{}]", item.after.en + item.after.zh)


@pytest.mark.parametrize("name", [*PAPERS, *ABLATION])
def test_a_papers_preset_says_what_it_is_after_and_what_differs(name: str):
    after = preset(name).after
    assert after
    assert re.search(r"et al\. 20\d\d", after.en)
    assert "Differs: " in after.en or "In the setting of MAML" in after.en


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_papers_protocols(setting: str):
    way, shot = SETTINGS[setting]
    held = {name: summary(preset(f"paper-omniglot-{setting}-{name}").config) for name in ON_OMNIGLOT}
    for name in ("maml", "fomaml", "anil", "metasgd"):
        assert held[name].items() >= {
            "protocol": "finn", "network": "conv4", "width": 64, "query": shot, "outer_lr": 0.001, "steps": 60_000,
            "transductive": True, "meta_batch": 32 if way == 5 else 16, "inner_lr": 0.4 if way == 5 else 0.1,
            "inner_steps": 1 if way == 5 else 5,
        }.items()  # fmt: skip
        assert held[name]["test_inner_steps"] == (5 if way == 20 else 1 if name == "metasgd" else 3)
    assert held["mamlpp"].items() >= {
        "protocol": "antoniou", "network": "conv4-pool", "width": 64, "query": 1, "meta_batch": 8, "inner_lr": 0.1,
        "inner_steps": 5, "test_inner_steps": 5, "steps": 50_000, **dict.fromkeys(SWITCHES, True), "da": False,
    }.items()  # fmt: skip
    assert held["reptile"].items() >= {
        "protocol": "nichol", "network": "conv4", "width": 64, "train_shot": 10, "meta_batch": 5, "outer_lr": 1.0,
        "inner_optimizer": "adam", "test_inner_steps": 50, "inner_batch": 10 if way == 5 else 20,
        "inner_steps": 5 if way == 5 else 10, "inner_lr": 0.001 if way == 5 else 0.0005,
        "steps": 100_000 if way == 5 else 200_000,
    }.items()  # fmt: skip
    assert held["protonet"].items() >= {
        "protocol": "vinyals", "network": "conv4-pool", "width": 64, "train_way": 60, "query": 5, "outer_lr": 0.001,
    }.items()  # fmt: skip


def test_the_ablation_switches_one_thing_at_a_time_in_the_cards_setting():
    card = summary(preset("omniglot-5w1s-mamlpp").config)
    on = {}
    for name, item in ABLATION.items():
        values = summary(item.config)
        on[name.removeprefix("ablation-")] = {switch for switch in SWITCHES if values[switch]}
        assert {key: value for key, value in values.items() if key not in SWITCHES}.items() <= card.items()
    assert on == {"maml": set(), **{switch: {switch} for switch in SWITCHES}, "mamlpp": set(SWITCHES)}


def test_only_figures_that_were_read_are_there():
    read = {
        f"{family}-{column}-{row}": figure
        for family, rows in READ.items()
        for row, figures in rows.items()
        for column, figure in zip(COLUMNS[family], figures.split(", "), strict=True)
        if figure
    }
    assert {name: paper.figure for name, paper in FIGURES.items()} == read
    assert all(paper.source for paper in FIGURES.values())


def test_a_presets_figure_is_that_of_its_row():
    for name, item in PAPERS.items():
        row = name.removeprefix("paper-")
        row += "-transductive" if item.algorithm == "reptile" and item.family == "omniglot" else ""
        assert item.paper == FIGURES.get(row), name
    assert all(item.paper is None for item in (*CARDS.values(), *ABLATION.values()))


def test_an_unknown_preset_names_those_nearest():
    with pytest.raises(UserError, match=r"sinusoid-mmal: there is no such preset; those nearest are sinusoid-maml, "):
        preset("sinusoid-mmal")
