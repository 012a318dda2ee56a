"""What came of a row, and the .csv in which that is kept.

The .csv is the memory of a table. A row that is run again replaces what stood there; a row that is not run in this call stays as
it stands, with the commit that its run was trained by, whether or not that run is still in the store.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from metaplay.registry import Metric
from metaplay.reproduce.tables import Table
from metaplay.text import Text, UserError


class Rejected(BaseModel):
    """What became of out-of-scope queries, as metaplay.events.Rejection has it: shares from 0 to 1 with their CI95, the run's and
    those of what stands beside it; nothing, where none were asked."""

    threshold: float | None = None
    rejected: float | None = None
    rejected_ci95: float | None = None
    kept: float | None = None
    kept_ci95: float | None = None
    auroc: float | None = None
    auroc_ci95: float | None = None
    floor_rejected: float | None = None
    floor_rejected_ci95: float | None = None
    floor_kept: float | None = None
    floor_kept_ci95: float | None = None
    floor_auroc: float | None = None
    floor_auroc_ci95: float | None = None


class Acted(BaseModel):
    """Of tasks to act in: the return before adaptation, and that of one who is told the task where it is known, with their CI95."""

    before: float | None = None
    before_ci95: float | None = None
    oracle: float | None = None
    oracle_ci95: float | None = None


class Result(Rejected, Acted):
    """A finished run of a row and its test. `mean` is over the test tasks after the last inner step, with its CI95; `mean_1`
    after the first one. Accuracies are from 0 to 1. `difference` is to the first row's run, `against`, task by task. `of_steps` is
    0 where nothing is meta-trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    protocol: str
    metric: Metric
    mean: float
    ci95: float
    mean_1: float
    ci95_1: float
    floor: float | None = None
    floor_ci95: float | None = None
    difference: float | None = None
    difference_ci95: float | None = None
    against: str = ""
    tasks: int
    transductive: bool
    steps: int
    of_steps: int
    seconds: float
    device: str
    commit: str
    command: str
    run: str

    @property
    def state(self) -> str:
        """The run at this point of it, which another result may be measured against."""
        return f"{self.run} at {self.steps}"


Results = Mapping[str, Result]
"""By the names of rows; those that have none were not run, or not to their end."""

_OF_ROW = ("row", "label", "state", "paper", "source")
FINISHED = "finished"


def to_csv(table: Table, results: Results, standing: Mapping[str, str]) -> str:
    """All rows; `standing` says how it stands with those that have no result."""
    text = io.StringIO()
    without = {*({} if table.scope else Rejected.model_fields), *({} if table.acts else Acted.model_fields)}
    asked = [name for name in Result.model_fields if name not in without]
    writer = csv.DictWriter(text, [*_OF_ROW, *asked], lineterminator="\n")
    writer.writeheader()
    for row in table.rows:
        paper = {"paper": row.paper.figure, "source": row.paper.source} if row.paper else {}
        result = results[row.name].model_dump(include={*asked}) if row.name in results else {}
        state = FINISHED if result else standing[row.name]
        writer.writerow({"row": row.name, "label": row.label, "state": state, **paper, **result})
    return text.getvalue()


def from_csv(path: Path) -> dict[str, Result]:
    """The results that a file holds; none where there is no file. Raises UserError where it is not as `to_csv` writes it."""
    if not path.exists():
        return {}
    found = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if line["state"] == FINISHED:
                    values = {name: value for name, value in line.items() if name not in _OF_ROW and value != ""}
                    found[line["row"]] = Result.model_validate(values)
    except (KeyError, ValidationError) as error:
        raise UserError(
            Text(
                "{path} is not as this command writes it: move it away, or choose another folder with --out.",
                "{path} 不是本命令写出的格式：请将其移走，或用 --out 选择另一个文件夹。",
            ).fill(path=path)
        ) from error
    return found
