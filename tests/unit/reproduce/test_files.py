"""The two files of a table: all rows, what was not run said so, and the .csv read back as it was written."""

import csv
import io
import math
from pathlib import Path

import pytest

from metaplay.presets import Paper
from metaplay.reproduce.markdown import to_markdown
from metaplay.reproduce.results import Result, from_csv, to_csv
from metaplay.reproduce.tables import TABLES, Row, Table
from metaplay.text import UserError

TABLE = Table(
    "A small table",
    (
        Row("maml", "MAML", "ablation-maml", Paper("98.7 ± 0.4 %", "Someone 2017")),
        Row("msl", "MSL", "ablation-msl"),
        Row("da", "DA", "ablation-da"),
    ),
    paired=True,
)
MAML = Result(
    task="5-way 1-shot", protocol="as told", metric="accuracy", mean=0.9512, ci95=0.0049, mean_1=0.9, ci95_1=0.01,
    tasks=600, transductive=True, steps=1500, of_steps=3000, seconds=210.7, device="CPU", commit="abc1234+",
    command="python -m metaplay reproduce small --only maml --budget 3.51", run="20260101-000000-aaaaaa",
)  # fmt: skip
AGAINST = {"difference": -0.0123, "difference_ci95": 0.0045, "against": "20260101-000000-aaaaaa at 1500"}
MSL = MAML.model_copy(update={"run": "20260101-000000-bbbbbb", "mean": 0.9389, **AGAINST})
RESULTS = {"maml": MAML, "msl": MSL}
STANDING = {"da": "not run"}


def _rows(markdown: str) -> list[dict[str, str]]:
    lines = [line.strip("|").split("|") for line in markdown.splitlines() if line.startswith("|")]
    header, _, *rows = [[cell.strip() for cell in line] for line in lines]
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_row_tells_the_figure_beside_the_papers():
    maml, msl, da = _rows(to_markdown("small", TABLE, RESULTS, STANDING))
    assert maml == {
        "row": "MAML", "task": "5-way 1-shot", "paper": "98.7 ± 0.4 % (Someone 2017)", "ours": "95.12 ± 0.49 %",
        "minus MAML, task by task": "", "protocol": "as told", "steps": "1,500 of 3,000", "training": "3.5 min",
        "device": "CPU", "commit": "abc1234+", "command": f"`{MAML.command}`",
    }  # fmt: skip
    assert (msl["paper"], msl["ours"], msl["minus MAML, task by task"]) == (
        "not verified", "93.89 ± 0.49 %", "-1.23 ± 0.45",
    )  # fmt: skip
    assert (da["ours"], da["steps"], da["device"], da["commit"]) == ("not run", "", "", "")
    assert da["command"] == "`python -m metaplay reproduce small --only da`"


def test_a_difference_to_another_run_than_the_first_rows_is_not_told():
    again = {"maml": MAML.model_copy(update={"steps": 3000}), "msl": MSL}
    assert _rows(to_markdown("small", TABLE, again, STANDING))[1]["minus MAML, task by task"] == ""


def test_of_waves_the_figure_after_one_step_is_told_too():
    table = TABLES["sinusoid"]
    name = table.rows[0].name
    result = MAML.model_copy(
        update={"metric": "mse", "mean": math.nan, "ci95": math.nan, "mean_1": 0.428, "ci95_1": 0.0391}
    )
    row = _rows(
        to_markdown("sinusoid", table, {name: result}, dict.fromkeys((row.name for row in table.rows), "not run"))
    )[0]
    assert (row["ours"], row["ours after 1 step"]) == ("diverged", "0.428 ± 0.039")


def test_what_the_rows_are_after_is_told_once():
    told = to_markdown("small", TABLE, RESULTS, STANDING).split("What the rows are after:")[1]
    assert told.count("Antoniou et al. 2019") == 1
    assert "- MAML, MSL, DA: " in told


def test_the_csv_has_all_rows_and_is_read_back(tmp_path: Path):
    text = to_csv(TABLE, RESULTS, {"da": "not finished: 5 of 3,000 steps"})
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["row"], row["state"]) for row in rows] == [
        ("maml", "finished"), ("msl", "finished"), ("da", "not finished: 5 of 3,000 steps"),
    ]  # fmt: skip
    assert (rows[0]["paper"], rows[0]["source"], rows[1]["paper"]) == ("98.7 ± 0.4 %", "Someone 2017", "")
    assert rows[2]["mean"] == ""
    (tmp_path / "small.csv").write_text(text, encoding="utf-8")
    assert from_csv(tmp_path / "small.csv") == RESULTS
    assert from_csv(tmp_path / "none.csv") == {}


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "row,state,mean\nmaml,finished,high\n"])
def test_a_file_of_another_kind_is_not_written_over(tmp_path: Path, text: str):
    (tmp_path / "small.csv").write_text(text)
    with pytest.raises(UserError, match=r"small.csv is not as this command writes it"):
        from_csv(tmp_path / "small.csv")


def test_what_became_of_out_of_scope_queries_is_told_beside_the_floor_and_read_back(tmp_path: Path):
    table = Table("Asked", (Row("one", "One", "clinc150-5w1s-maml", scope=True),), floor="TF-IDF", scope=True)
    known = {
        "threshold": 0.5,
        "rejected": 0.9,
        "rejected_ci95": 0.01,
        "kept": 0.8,
        "kept_ci95": 0.02,
        "floor_auroc": 0.7,
        "floor_auroc_ci95": 0.03,
    }
    results = {"one": MAML.model_copy(update=known)}
    (row,) = _rows(to_markdown("asked", table, results, {}))
    assert (row["rejected, ours"], row["kept, ours"], row["AUROC, ours"]) == ("90.00 ± 1.00 %", "80.00 ± 2.00 %", "")
    assert (row["rejected, TF-IDF"], row["AUROC, TF-IDF"]) == ("", "70.00 ± 3.00 %")
    file = tmp_path / "asked.csv"
    file.write_text(to_csv(table, results, {}))
    assert from_csv(file) == results
    assert "rejected" not in to_csv(TABLE, RESULTS, STANDING)
    assert table.rows[0].config().out_of_scope


def test_returns_are_told_before_and_after_beside_the_oracles_and_read_back(tmp_path: Path):
    table = Table("Acting", (Row("one", "One", "nav2d-maml"), Row("two", "Two", "nav2d-fomaml")), acts=True)
    known = {"before": -35.081, "before_ci95": 4.2, "oracle": -0.43, "oracle_ci95": 0.1, "metric": "return"}
    results = {"one": MAML.model_copy(update={**known, "mean": -5.017, "mean_1": -10.98})}
    one, two = _rows(to_markdown("acting", table, results, {"two": "not run"}))
    assert [one[name] for name in ("oracle", "ours before", "ours after 1 step", "ours")] == [
        "-0.43 ± 0.10", "-35.08 ± 4.20", "-10.98 ± 0.01", "-5.02 ± 0.00",
    ]  # fmt: skip
    assert [two[name] for name in ("oracle", "ours before", "ours after 1 step", "ours")] == ["", "", "", "not run"]
    (tmp_path / "acting.csv").write_text(to_csv(table, results, {"two": "not run"}))
    assert from_csv(tmp_path / "acting.csv") == results
    assert "oracle" not in to_csv(TABLE, RESULTS, STANDING)


def test_what_is_not_meta_trained_says_so():
    scratch = {"maml": MAML.model_copy(update={"steps": 0, "of_steps": 0})}
    assert (
        _rows(to_markdown("small", TABLE, scratch, {"msl": "not run", "da": "not run"}))[0]["steps"]
        == "no meta-training"
    )
