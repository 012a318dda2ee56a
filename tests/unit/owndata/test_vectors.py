"""Sentences that come with vectors of their own: told line by line what is none, kept as they are, learnt from in their place."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from metaplay.config import ConfigError, applicable, defaults, revise
from metaplay.config.across import across
from metaplay.events import Evaluated
from metaplay.owndata import report
from metaplay.owndata.about import about
from metaplay.owndata.examining import Found, examine
from metaplay.owndata.storing import keep, tidy, vectors
from metaplay.owndata.tables import MOST_DIMS, rows
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.tasks.vectors import VectorFamily
from metaplay.text import UserError
from metaplay.training import train
from tests.unit.owndata.making import sentences_with_vectors

CPU = torch.device("cpu")


def lines(*vectors: str) -> bytes:
    return "\n".join(f'{{"text": "t{i}", "label": "a", "vector": {one}}}' for i, one in enumerate(vectors)).encode()


@pytest.mark.parametrize(
    "vector",
    [
        "[NaN, 1]",
        "[Infinity, 1]",
        "[1e39, 1]",
        "[1" + "0" * 400 + ", 1]",
        "[true, 1]",
        '["1", 1]',
        "[null, 1]",
        "[[1], 1]",
        "[1]",
        "[]",
        "[0, 0]",
        "[1e-60, 0]",
        '"AAAA"',
        '{"0": 1}',
        json.dumps([1] * (MOST_DIMS + 1)),
    ],
)
def test_what_is_no_vector_is_left_out_with_a_sentence(vector: str):
    found, left, _ = rows(lines("[1, 2.5]", vector, "[3, -4]"), ".jsonl")
    assert [row.line for row in found] == [1, 3]
    assert [(line, reason.en) for line, reason in left] == [
        (2, "its vector is no list of 2 to 4,096 finite numbers that are not all 0")
    ]


def test_all_lines_have_vectors_of_one_length_or_none_has():
    content = lines("[1, 2]", "[1, 2, 3]", "[5, 6]") + b'\n{"text": "bare", "label": "a"}'
    found, left, _ = rows(content, ".jsonl")
    assert [row.line for row in found] == [1, 3]
    assert [(line, reason.en) for line, reason in left] == [
        (2, "its vector has 3 numbers, and the first one 2"),
        (4, "no vector, which other lines have"),
    ]
    assert [row.vector for row in rows(b'{"text": "bare", "label": "a"}', ".jsonl")[0]] == [None]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    return examine(sentences_with_vectors(tmp_path / "v.jsonl"), "v.jsonl")


def test_vectors_stay_with_their_sentences(found: Found, own: Path, tmp_path: Path):
    assert about(keep("mine", found)) == found.about
    assert sorted(file.name for file in (own / "mine").iterdir()) == ["about.json", "texts.json", "vectors.npy"]
    assert found.about.dims == 6
    assert [sentence.en for sentence in report.inputs(found.about)] == [
        "Each sentence comes with a vector of 6 numbers, which the network takes in its place."
    ]
    brought = {
        item["text"]: item["vector"] for item in map(json.loads, (tmp_path / "v.jsonl").read_text().splitlines())
    }
    kept = vectors("mine")
    texts = [text for texts in found.texts for text in texts]
    np.testing.assert_array_equal(kept, np.array([brought[text] for text in texts], np.float32))
    family = VectorFamily(defaults("maml", "own:mine"), CPU)
    assert family.input_shape == (6,)
    tasks = family.sample("test", 3, 2, 3, torch.Generator().manual_seed(0))
    assert tasks.query_numbers is not None
    for text, x in zip(family.sentences(tasks.query_numbers.flatten()), tasks.query_x.flatten(0, 1), strict=True):
        vector = torch.tensor(brought[text])
        torch.testing.assert_close(x, 6**0.5 * vector / vector.norm())


@pytest.mark.parametrize("algorithm", [name for name, one in ALGORITHMS.items() if "classification" in one.kinds])
def test_every_algorithm_learns_from_vectors(algorithm: str, found: Found):
    keep("mine", found)
    config = defaults(algorithm, "own:mine")
    assert config.network == "mlp"
    values = {"steps": 2, "eval_tasks": 4, "meta_batch": 2, "width": 8, "out_of_scope": True, "way": 2}
    small = {name: value for name, value in values.items() if name in applicable(config)}
    tested = next(one for one in train(revise(config, small)) if isinstance(one, Evaluated))
    assert tested.rejection is not None
    assert tested.floor is not None


def test_more_vectors_than_there_is_room_for_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_IMPORT_UNPACKED_MB", "1")
    file = sentences_with_vectors(tmp_path / "v.jsonl", classes=8, each=10, dims=MOST_DIMS)
    with pytest.raises(
        UserError, match=r"^80 vectors of 4,096 numbers would take 1 MB, and at most 1 MB are kept: bring"
    ):
        examine(file, "v.jsonl")


def test_a_network_of_vectors_takes_no_sentences_and_none_of_another_length(found: Found, tmp_path: Path):
    keep("mine", found)
    keep("wide", examine(sentences_with_vectors(tmp_path / "w.jsonl", dims=7), "w.jsonl"))
    config = defaults("maml", "own:mine")
    for other in ("own:wide", "everyday"):
        with pytest.raises(ConfigError, match="its network takes vectors of 6 numbers"):
            across(config, other)


def test_no_pickle_is_read_and_a_torn_file_is_said(found: Found, own: Path):
    keep("mine", found)
    np.save(own / "mine" / "vectors.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="there is no such set of your own here"):
        vectors("mine")
    (own / "mine" / "vectors.npy").write_bytes(b"\x93NUMPY\x01\x00")
    with pytest.raises(UserError, match="there is no such set of your own here"):
        vectors("mine")


def test_what_a_killed_import_left_is_deleted_and_nothing_else(found: Found, own: Path, tmp_path: Path):
    keep("mine", found)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "precious").write_text("stays")
    for name in (".adding-old", ".adding-new", ".removing-old"):
        (own / name / "set").mkdir(parents=True)
        (own / name / "set" / "images.npz").write_bytes(b"half")
    (own / ".adding-link").symlink_to(outside)
    hours_ago = time.time() - 2 * 3600
    for name in (".adding-old", ".removing-old", ".adding-link"):
        os.utime(own / name, (hours_ago, hours_ago), follow_symlinks=False)
    tidy()
    assert sorted(item.name for item in own.iterdir()) == [".adding-link", ".adding-new", "mine"]
    assert (outside / "precious").read_text() == "stays"
    assert "own:mine" in FAMILIES
