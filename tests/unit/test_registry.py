"""The registry: every name leads to something, and no two algorithms look the same in a chart."""

import pytest

from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS, PROTOCOLS, load


@pytest.mark.parametrize(
    "entry", [*ALGORITHMS.values(), *FAMILIES.values(), *NETWORKS.values()], ids=lambda e: e.target
)
def test_every_name_leads_to_something_that_can_be_called(entry, request: pytest.FixtureRequest):
    if getattr(entry, "modules", ()):
        request.getfixturevalue("mujoco")
    assert callable(load(entry))


def test_no_two_algorithms_look_the_same():
    for look in ("colour", "dash", "symbol", "label"):
        values = [getattr(algorithm, look) for algorithm in ALGORITHMS.values()]
        assert len(set(values)) == len(values), look


@pytest.mark.parametrize("name", FAMILIES)
def test_image_families_say_how_much_there_is(name: str):
    family = FAMILIES[name]
    if family.kind == "classification":
        assert set(family.classes) == {"train", "val", "test"}
        assert family.per_class > 0
    else:
        assert not family.classes


@pytest.mark.parametrize("name", FAMILIES["omniglot"].protocols)
def test_protocols_deal_out_every_character_and_explain_themselves(name: str):
    protocol, omniglot = PROTOCOLS[name], FAMILIES["omniglot"]
    characters = omniglot.characters(protocol)
    assert list(characters) == ["train", "val", "test"]
    assert sum(characters.values()) == sum(omniglot.classes.values()) == 1623
    assert not set(protocol.drawn) & set(protocol.apart)
    assert {*protocol.drawn, *protocol.apart} <= set(characters)
    assert protocol.summary.en.endswith(".")
    assert any("\u4e00" <= character <= "\u9fff" for character in protocol.summary.zh)


def test_every_protocol_belongs_to_a_family_and_by_domain_all_intents_are_dealt_out():
    assert {name for family in FAMILIES.values() for name in family.protocols} == set(PROTOCOLS)
    clinc = FAMILIES["clinc150"]
    assert sum(clinc.characters(PROTOCOLS["domains"]).values()) == sum(clinc.classes.values()) == 150
    assert sum(PROTOCOLS["domains"].domains.values()) == 10
