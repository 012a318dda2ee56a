"""The tables: what rows they have, each with a preset that there is and the figure of its own row."""

import pytest

from metaplay.config import summary
from metaplay.presets import PRESETS
from metaplay.presets.cheetah import CHEETAH
from metaplay.presets.figures import FIGURES
from metaplay.presets.navigation import NAVIGATION
from metaplay.presets.pendulum import PENDULUM
from metaplay.presets.sentences import SENTENCES
from metaplay.registry import FAMILIES
from metaplay.reproduce import words
from metaplay.reproduce.tables import TABLES, chosen, table_named
from metaplay.text import UserError

ROWS = [(name, row) for name, table in TABLES.items() for row in table.rows]


def test_the_promised_tables_are_there():
    assert {name: len(table.rows) for name, table in TABLES.items()} == {
        "sinusoid": 14, "omniglot": 32, "text": 18, "scope": 12, "across": 2, "rl": 17, "mamlpp-ablation": 8,
    }  # fmt: skip
    assert [name for name, table in TABLES.items() if table.paired] == ["mamlpp-ablation"]


def test_every_preset_of_a_paper_is_in_a_table_and_every_figure_too():
    papers = {name for name in PRESETS if name.startswith(("paper-", "ablation-"))}
    assert {row.preset for _, row in ROWS if not row.on} == papers | {*SENTENCES, *NAVIGATION, *PENDULUM, *CHEETAH}
    running = {item.paper for item in CHEETAH.values()}
    assert {row.paper for _, row in ROWS if row.paper} == {*FIGURES.values(), *running}


@pytest.mark.parametrize("name", TABLES)
def test_the_rows_of_a_table_have_names_of_their_own(name: str):
    names = [row.name for row in TABLES[name].rows]
    assert len(set(names)) == len(names)


def test_reptile_is_tested_both_ways_by_one_run():
    rows = {row.name: row for row in TABLES["omniglot"].rows if "reptile" in row.name}
    for setting in ("5w1s", "5w5s", "20w1s", "20w5s"):
        alone, together = rows[f"{setting}-reptile"], rows[f"{setting}-reptile-transductive"]
        assert alone.config() == together.config()
        assert (alone.transductive, together.transductive) == (False, True)
        assert alone.paper == FIGURES[f"omniglot-{setting}-reptile"]
        assert together.paper == FIGURES[f"omniglot-{setting}-reptile-transductive"]


def test_a_seed_replaces_the_presets():
    row = TABLES["sinusoid"].rows[0]
    assert summary(row.config(7)) == {**summary(row.config()), "seed": 7}


def test_rows_are_chosen_by_name_or_pattern_in_the_tables_order():
    table = TABLES["omniglot"]
    assert chosen(table, []) == list(table.rows)
    assert [row.name for row in chosen(table, ["20w5s-anil", "5w1s-re*"])] == [
        "5w1s-reptile", "5w1s-reptile-transductive", "20w5s-anil",
    ]  # fmt: skip


def test_what_is_not_there_is_told_with_what_is():
    with pytest.raises(
        UserError, match=r"^omniglo: .* the tables are sinusoid, omniglot, text, scope, across, rl, mamlpp-ablation\.$"
    ):
        table_named("omniglo")
    with pytest.raises(UserError, match=r"^--only mla: .* the rows are maml, msl, .*mamlpp\.$"):
        chosen(TABLES["mamlpp-ablation"], ["maml", "mla"])


SAID = {
    "paper-omniglot-5w1s-maml": "Finn et al. 2017: 1100/100/423 characters, turned at random; transductive; 1 inner step, 3 at test; "
    "1 query a class; 600 test tasks",
    "paper-omniglot-20w5s-reptile": "Nichol et al. 2018: 1150/50/423 characters, every turn a class in training; transductive; 10 inner"
    " steps, 50 at test; 10 shots in training; 1 query a class; 600 test tasks",
    "paper-omniglot-5w1s-mamlpp": "Antoniou et al. 2019: 1150/50/423 characters, not turned; transductive; 5 inner steps, 5 at test; "
    "1 query a class; 600 test tasks",
    "paper-omniglot-5w5s-protonet": "Vinyals et al. 2016: 1028/172/423 characters, every turn a class; each query alone; 60 ways in"
    " training; 5 queries a class; 600 test tasks",
    "clinc150-domains-5w5s-protonet": "75/30/45 intents, whole domains held out; each query alone; 20 ways in training; 5 queries a"
    " class; 600 test tasks",
    "paper-sinusoid-k5-maml": "new waves at test; 1 inner step, 10 at test; 5 queries; 600 test tasks",
    "nav2d-maml": "1 in training; 3 inner steps at test; TRPO, KL 0.01; plain meta-gradient; 40 test tasks",
    "nav2d-random": "3 inner steps at test; 40 test tasks",
    "ablation-msl": "Plain: 1100/100/423 characters, not turned; transductive; 3 inner steps, 3 at test; 3 queries a class; "
    "600 test tasks",
}


@pytest.mark.parametrize("name", SAID)
def test_a_protocol_is_told_in_words(name: str):
    assert words.protocol(PRESETS[name].config) == SAID[name]


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[f"{name} {row.name}" for name, row in ROWS])
def test_every_row_states_its_protocol(row):
    said = words.protocol(row.config())
    assert f"{row.config().eval_tasks} test tasks" in said
    if FAMILIES[row.config().family].kind == "control":
        assert "inner steps at test" in said
        assert words.task(row.config()) == f"{row.config().shot} tries a step"
    elif row.config().family != "sinusoid":
        assert ("transductive" in said) != ("each query alone" in said)
        assert words.task(row.config()) == f"{row.config().way}-way {row.config().shot}-shot"
    else:
        assert words.task(row.config()) == f"{row.config().shot} points"


def test_a_row_may_differ_from_its_preset_and_no_two_of_a_table_are_the_same_run():
    configs = {row.name: row.config() for row in TABLES["rl"].rows}
    assert summary(configs["nav2d-short-lvc"]) == {**summary(configs["nav2d-maml"]), "steps": 30, "estimator": "lvc"}
    adam = words.protocol(configs["nav2d-short-adam"])
    assert adam == "1 in training; 3 inner steps at test; ADAM, at rate 0.01; plain meta-gradient; 40 test tasks"
    assert TABLES["rl"].rows[5].config(steps=7).steps == 7
    assert len({config.model_dump_json() for config in configs.values()}) == len(configs)


def test_a_row_of_another_family_says_where_it_was_trained_and_tested():
    row = TABLES["across"].rows[0]
    assert (row.preset, row.on) == ("strokes-5w1s-protonet", "omniglot")
    assert words.protocol(row.config(), row.on).startswith(
        "trained on Strokes alone, tested on Omniglot's 423 test classes; each query alone; "
    )
