"""How fast it is, on the page: only where something was measured, with the files' figures."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.peers.results import save
from metaplay import measured
from metaplay.ui.learn import speed
from tests.unit.benchmarks.rows import ROWS


def _opened(page: AppTest) -> AppTest:
    page.switch_page("pages/learn.py")
    page.session_state["learn-speed"] = True
    return page.run()


def test_where_nothing_was_measured_there_is_nothing(page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    _opened(page)
    assert not page.exception
    assert not [item for item in page.expander if item.label == "How fast is it?"]


def test_the_files_figures_are_told_in_words(page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    save(tmp_path / "rows.csv", ROWS)
    _opened(page)
    assert not page.exception
    words = " ".join(item.value for item in page.markdown)
    assert "**plain loop (PyTorch)** takes 25 times as long as metaplay, with 2 times the memory." in words
    assert "Not drawn: torch.func.vmap (its meta-gradient differs), JAX jit + vmap (not measured)." in words
    assert "metaplay 12.5 s, plain loop (PyTorch) 50 s" in words
    assert "3.0% (sinusoid)" in words
    page.selectbox(key="speed-workload").set_value("W2-stride2-5").run()
    words = " ".join(item.value for item in page.markdown)
    assert "**JAX jit + vmap** takes 0.5 times as long as metaplay, with 2 times the memory." in words
    assert any("A machine, 2 cores. 2026-11-25" in item.value for item in page.caption)


@pytest.mark.parametrize("workload", measured.meta_steps(ROWS))
def test_it_is_said_in_chinese_too(workload: str):
    assert all("倍" in line or "未画出" in line or "GFLOP" in line for line in speed.told(ROWS, workload, "zh"))
