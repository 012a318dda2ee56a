"""Sentences: read as they are published, dealt out once for ever, numbered alike in every process, and the floor beside them."""

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import torch
from torch import Generator

from metaplay.config import defaults, revise
from metaplay.registry import FAMILIES, PROTOCOLS
from metaplay.settings import settings
from metaplay.tasks import sets
from metaplay.tasks.grams import bucket, grams, words
from metaplay.tasks.sentences import BANKING77, CLINC150, EVERYDAY, blocks, found, sentences, split
from metaplay.tasks.text import TextFamily
from metaplay.text import UserError

CPU = torch.device("cpu")
REAL = pytest.mark.skipif(
    not all(found(name) for name in ("clinc150", "banking77")), reason="CLINC150 and BANKING77 are not in METAPLAY_DATA"
)


def family(name: str = "everyday", **values: object) -> TextFamily:
    return TextFamily(revise(defaults("maml", name), values), CPU)


def test_a_file_of_everyday_is_read_block_by_block():
    text = "# book_flight\nOne to Oslo.\nTwo, please!\n\n# find_hotel\nA room.\n"
    assert blocks(text) == [("book_flight", ["One to Oslo.", "Two, please!"]), ("find_hotel", ["A room."])]


@pytest.mark.parametrize("name", ["everyday", "everyday-zh"])
def test_everyday_has_thirty_different_sentences_of_each_intent_in_eight_domains(name: str):
    held = sentences(name)
    assert len(held.names) == len(set(held.names)) == sum(FAMILIES[name].classes.values()) >= 40
    assert len(set(held.domains)) == 8
    assert all(len(own) == len(set(own)) == 30 for own in held.texts)
    chinese = [any("\u4e00" <= character <= "\u9fff" for character in text) for own in held.texts for text in own]
    assert all(chinese) if name.endswith("zh") else not any(chinese)


def test_both_languages_have_the_same_intents_in_the_same_splits():
    members = [{k: [held.names[i] for i in v] for k, v in split(name, held, PROTOCOLS["plain"]).items()}
               for name, held in ((name, sentences(name)) for name in ("everyday", "everyday-zh"))]  # fmt: skip
    assert members[0] == members[1]
    assert len(list(EVERYDAY.glob("*.txt"))) == 16


def check_splits(name: str, protocol: str) -> None:
    held = sentences(name)
    dealt = split(name, held, PROTOCOLS[protocol])
    assert {part: len(own) for part, own in dealt.items()} == FAMILIES[name].characters(PROTOCOLS[protocol])
    for one, other in combinations(dealt.values(), 2):
        assert not set(one) & set(other)
        if protocol == "domains":
            assert not {held.domains[i] for i in one} & {held.domains[i] for i in other}


def test_no_intent_of_everyday_is_in_two_splits():
    check_splits("everyday", "plain")


@REAL
@pytest.mark.parametrize(("name", "protocol"), [("clinc150", "plain"), ("clinc150", "domains"), ("banking77", "plain")])
def test_no_intent_of_the_published_sets_is_in_two_splits(name: str, protocol: str):
    check_splits(name, protocol)


@REAL
def test_the_published_sets_are_whole():
    clinc, banking = sentences("clinc150"), sentences("banking77")
    assert (len(clinc.names), len(set(clinc.domains)), {len(own) for own in clinc.texts}) == (150, 10, {150})
    assert (len(banking.names), {len(own) for own in banking.texts}) == (77, {75})
    assert "oos" not in clinc.names


def test_an_episode_asks_about_other_sentences_than_it_shows():
    tasks = family(way=4).sample("train", 3, 2, 5, Generator().manual_seed(1))
    assert tasks.support_x.shape == (3, 8, 2, 128)
    assert tasks.query_x.shape == (3, 20, 2, 128)
    assert tasks.support_numbers is not None
    assert tasks.query_numbers is not None
    for t in range(3):
        together = [*tasks.support_numbers[t].tolist(), *tasks.query_numbers[t].tolist()]
        assert len(set(together)) == len(together)
    assert torch.allclose(tasks.query_x[:, :, 1].norm(dim=-1), torch.ones(3, 20), atol=1e-5)


def test_labels_names_and_sentences_belong_together():
    own, held = family(), sentences("everyday")
    tasks = own.sample("test", 1, 2, 3, Generator().manual_seed(2))
    assert tasks.classes is not None
    assert tasks.query_numbers is not None
    names = own.class_names("test", tasks.classes[0])
    texts = own.sentences(tasks.query_numbers[0])
    for label, text in zip(tasks.query_y[0].tolist(), texts, strict=True):
        assert text in held.texts[held.names.index(names[label].replace(" ", "_"))]


def test_the_same_generator_gives_the_same_tasks():
    own = family()
    first, again = (own.sample("val", 2, 1, 2, Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first.query_x, again.query_x)


def test_words_and_pieces():
    assert words("Don’t WAIT, it's 5 o'clock!") == ["don't", "wait", "it's", "5", "o'clock"]
    assert words("我要订票") == ["我", "要", "订", "票"]
    assert grams("cat") == ["cat", "#<ca", "#cat", "#at>", "#<cat", "#cat>"]


def test_a_bucket_is_the_same_in_every_process():
    code = "from metaplay.tasks.grams import bucket; print(bucket('card', 2**14), bucket('我', 2**14))"
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )  # fmt: skip
        assert told.stdout.split() == [str(bucket("card", 2**14)), str(bucket("我", 2**14))]
    assert bucket("card", 2**14) == 6355


def test_the_floor_is_nearest_centroid_and_knows_nothing_of_order():
    own = family("everyday", way=5, shot=5)
    tasks = own.sample("test", 60, 5, 5, Generator().manual_seed(5))
    right = own.floor(tasks)
    assert right.shape == (60,)
    assert 0.3 < right.mean() < 0.75


@REAL
@pytest.mark.parametrize(
    ("name", "shot", "published"), [("clinc150", 1, 0.743), ("clinc150", 5, 0.923), ("banking77", 1, 0.656), ("banking77", 5, 0.855)]
)  # fmt: skip
def test_the_floor_is_about_what_was_measured_on_these_files(name: str, shot: int, published: float):
    own = family(name, shot=shot)
    right = own.floor(own.sample("test", 300, shot, 10, Generator().manual_seed(5)))
    assert abs(right.mean().item() - published) < 0.03


@pytest.mark.parametrize(("name", "download"), [("clinc150", CLINC150), ("banking77", BANKING77)])
def test_files_that_are_missing_or_changed_are_told_in_a_sentence(
    name: str, download: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("METAPLAY_DATA", str(tmp_path))
    monkeypatch.setattr("torchvision.datasets.utils.download_url", _no_network)
    with pytest.raises(UserError, match=f"^{name}: .* not found in .* and not downloaded .*data prepare {name}"):
        sentences(name)
    assert sets.status(name).state == "download"
    folder = settings().data / "text" / name
    folder.mkdir(parents=True)
    for file in (CLINC150 if name == "clinc150" else BANKING77).files:
        (folder / file).write_text("something else")
    with pytest.raises(UserError, match=r"broken \(its MD5 sum is not the published one\)"):
        sentences(name)


def _no_network(*_: object) -> None:
    raise OSError("no network")


def test_everyday_is_always_ready():
    assert sets.status("everyday").state == "ready"
    assert {"everyday", "clinc150", "strokes"} <= set(sets.NAMES)
