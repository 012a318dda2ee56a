"""`doctor --bench`: its words and their structure, not its times."""

import pytest

from metaplay.cli import main
from metaplay.presets import GROUPS, PRESETS
from metaplay.registry import ALGORITHMS, NETWORKS


@pytest.mark.parametrize(
    ("locale", "machine", "limits", "per_second"),
    [
        ("en_GB.UTF-8", "GFLOP/s; an operation on a single number takes", "limited by", "steps/s"),
        ("zh_CN.UTF-8", "对单个数的一次运算耗时", "瓶颈：", "步/秒"),
    ],
)
def test_bench_says_what_to_expect_of_every_network_and_preset(
    locale: str,
    machine: str,
    limits: str,
    per_second: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
):
    monkeypatch.setenv("LC_ALL", locale)
    assert main(["doctor", "--bench"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert machine in first
    kinds = [line.strip() for line in lines if limits in line]
    assert [line.split(":")[0].split("：")[0] for line in kinds] == [NETWORKS[name].label for name in NETWORKS]
    assert all("GFLOP/s" in line and "%" in line for line in kinds)
    rows = {line.split()[0]: line for line in lines if line.startswith("  ") and limits not in line}
    assert rows.keys() == PRESETS.keys()
    meta_trained = [name for name, preset in PRESETS.items() if ALGORITHMS[preset.algorithm].meta_trains]
    assert [name for name, line in rows.items() if per_second in line] == meta_trained
    titles = [title.en if locale.startswith("en") else title.zh for title, _ in GROUPS]
    assert [line[:-1] for line in lines if line[:-1] in titles] == titles
