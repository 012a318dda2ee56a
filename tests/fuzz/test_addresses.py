"""Share links and configurations of any origin: a configuration that can be run, or one sentence."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metaplay.config import (
    RunConfig,
    advice,
    applicable,
    defaults,
    parse,
    revise,
    step_memory,
    summary,
    training_memory,
)
from metaplay.text import UserError
from metaplay.ui import share, status
from tests.fuzz import hostile, profile
from tests.fuzz.guard import guarded

_FIELDS = (*RunConfig.model_fields, "run", "lang", "teach", "bogus", "__class__", "model_config")
_REAL = [
    share.to_query(summary(defaults(algorithm, family)), None)
    for algorithm, family in (
        ("maml", "sinusoid"),
        ("mamlpp", "strokes"),
        ("reptile", "omniglot"),
        ("protonet", "everyday"),
        ("maml", "nav2d"),
    )
]
_VALUES = hostile.words() | st.sampled_from([word for query in _REAL for word in query.values()])


@st.composite
def _queries(draw: st.DrawFn) -> dict[str, str]:
    real = draw(st.sampled_from([{}, *_REAL]))
    return {
        **real,
        **draw(st.dictionaries(st.sampled_from(_FIELDS) | hostile.words(), _VALUES, min_size=1, max_size=3)),
    }


def _worded(changes: dict[str, Any]) -> dict[str, Any]:
    """Names of algorithms and families are always words, wherever changes come from."""
    return {name: str(value) if name in ("algorithm", "family") else value for name, value in changes.items()}


@settings(profile.HOSTILE)
@given(_queries())
def test_a_link_gives_a_configuration_or_one_sentence(query: dict[str, str]):
    with guarded():
        found = hostile.attempt(lambda: share.from_query(query), (UserError,))
    if found:
        assert share.from_query(share.to_query(summary(found), None)) == found


@settings(profile.HOSTILE)
@given(
    st.sampled_from(_REAL).flatmap(
        lambda real: hostile.changed_json(revise(defaults(real["algorithm"], real["family"]), real).model_dump())
    ),
    st.dictionaries(st.sampled_from(_FIELDS) | hostile.words(), hostile.plain_values(), max_size=2).map(_worded),
)
def test_a_configuration_can_be_run_or_is_refused_in_one_sentence(found: Any, changes: dict[str, Any]):
    with guarded():
        config = hostile.attempt(lambda: parse(found), (UserError,)) if isinstance(found, dict) else None
        config = config or defaults("maml", "sinusoid")
        revised = hostile.attempt(lambda: revise(config, changes), (UserError,))
        for one in filter(None, (config, revised)):
            assert set(summary(one)) == set(applicable(one))
            assert parse(one.model_dump()) == one
            assert status.name(one)
            assert 0 < step_memory(one) <= training_memory(one)
            assert advice(one).en
