"""What a reader drags in the lab belongs to a task: another task has it where it belongs, and so does whoever puts it back."""

from typing import NamedTuple

import streamlit as st


class _Task(NamedTuple):
    """The task whose points are there to drag; with another `version` they stand again where they belong."""

    episode: int
    version: int


def of(key: str, episode: int) -> int:
    """The version of the points `key` on a task."""
    task: _Task = st.session_state.setdefault(key, _Task(episode, 0))
    if task.episode != episode:
        task = st.session_state[key] = _Task(episode, task.version + 1)
    return task.version


def put_back(key: str) -> None:
    """Let the points stand where they belong from the next run of the page on."""
    task: _Task = st.session_state[key]
    st.session_state[key] = task._replace(version=task.version + 1)
