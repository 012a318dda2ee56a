"""The influence of words: against a calculation by hand, and what leaving a word out means."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import Generator

from metaplay.config import RunConfig, defaults, revise
from metaplay.registry import ALGORITHMS, load
from metaplay.tasks.grams import places, words
from metaplay.tasks.reading import reader
from metaplay.tasks.sentences import sentences
from metaplay.tasks.text import TextFamily
from metaplay.training.influence import weighed, without

CPU = torch.device("cpu")


def _config(algorithm: str, family: str = "everyday") -> RunConfig:
    return revise(defaults(algorithm, family), {"width": 8, "way": 3})


def test_without_leaves_each_word_out_in_turn():
    assert without("It isn’t, OK?") == ["  isn’t, OK?", "It  , OK?", "It isn’t,  ?"]
    assert list(map(words, without("狗 a 狗"))) == [["a", "狗"], ["狗", "狗"], ["狗", "a"]]
    assert without("привет!") == []


@pytest.mark.parametrize("family", ["everyday", "everyday-zh"])
def test_words_stand_where_the_encoder_reads_them(family: str):
    for text in (text for own in sentences(family).texts for text in own):
        found = [text[start:end].lower().replace("’", "'") for start, end in places(text)]
        assert found == words(text)


def test_a_reader_reads_as_the_family_does():
    config = _config("maml")
    family = TextFamily(config, CPU)
    some = [0, 7, 400, 900]
    read = reader(config).read([family.texts[number] for number in some])
    np.testing.assert_array_equal(read, family.rows[some].numpy())


@pytest.mark.parametrize("algorithm", ["maml", "protonet"])
def test_influence_is_what_the_winner_loses_without_the_word(algorithm: str):
    config = _config(algorithm)
    family = TextFamily(config, CPU)
    learner, read = load(ALGORITHMS[algorithm])(config, family, CPU), reader(config)
    task = family.sample("test", 1, 2, 1, Generator().manual_seed(3))
    judged = partial(weighed, learner, task, read, steps=learner.test_steps)
    sentence = "Block my card now"
    found = judged([sentence])[0]
    fast = list(learner.adapt(task, learner.test_steps))

    def shares(text: str, step: int) -> np.ndarray:
        x = torch.from_numpy(read.read([text]))[None]
        if algorithm == "protonet":
            features = learner.model.features(fast[step], x)[0]
            logits = -(features[0] - fast[step]["prototypes"][0]).square().sum(-1)
        else:
            logits = learner.model.forward(fast[step], x)[0][0, 0]
        return logits.detach().softmax(-1).numpy()

    last = learner.test_steps
    assert found.winner == shares(sentence, last).argmax()
    for step in (0, last):
        whole = shares(sentence, step)
        np.testing.assert_allclose(found.probabilities[step], whole, atol=1e-5)
        for place, rest in enumerate(("my card now", "Block card now", "Block my now", "Block my card")):
            lost = whole[found.winner] - shares(rest, step)[found.winner]
            assert found.influence[step, place] == pytest.approx(lost, abs=1e-5)
    assert abs(found.influence[last]).max() > 1e-3


def test_a_sentence_is_judged_alone_and_classes_of_the_task_share_the_probability():
    config = _config("maml")
    family = TextFamily(config, CPU)
    learner = load(ALGORITHMS["maml"])(config, family, CPU)
    task = family.sample("test", 1, 1, 1, Generator().manual_seed(0), way=2)  # of three outputs
    alone = weighed(learner, task, reader(config), ["check my balance"], 2)[0]
    together = weighed(learner, task, reader(config), ["a hotel", "check my balance", "?"], 2)
    np.testing.assert_allclose(alone.probabilities, together[1].probabilities, atol=1e-6)
    np.testing.assert_allclose(alone.influence, together[1].influence, atol=1e-6)
    assert alone.probabilities.shape == (3, 2)
    np.testing.assert_allclose(alone.probabilities.sum(-1), 1, atol=1e-6)
    assert together[2].influence.shape == (3, 0)
