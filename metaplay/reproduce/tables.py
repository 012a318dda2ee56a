"""The tables by name, and their rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from metaplay.config import RunConfig, control, revise
from metaplay.presets import PRESETS, Paper
from metaplay.presets.ablation import SWITCHES
from metaplay.presets.cheetah import CHEETAH
from metaplay.presets.figures import FIGURES
from metaplay.presets.navigation import NAVIGATION
from metaplay.presets.papers import SETTINGS
from metaplay.presets.pendulum import PENDULUM
from metaplay.presets.sentences import SENTENCES
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Text, UserError


@dataclass(frozen=True)
class Row:
    """A run of a preset, and the figure of the paper; `transductive` is how it is tested, where not as it was trained; `on` the
    family that it is tested on, where not its own; `scope`: with out-of-scope queries; `values` differ from the preset's."""

    name: str
    label: str
    preset: str
    paper: Paper | None = None
    transductive: bool | None = None
    on: str = ""
    scope: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    def config(self, seed: int | None = None, steps: int | None = None) -> RunConfig:
        """What the row's run is started with; `seed` and `steps` replace the preset's. Schedules follow the length."""
        asked = {"seed": seed, "steps": steps, "out_of_scope": self.scope or None}
        given = {name: value for name, value in asked.items() if value is not None}
        return revise(PRESETS[self.preset].config, {**self.values, **given})


@dataclass(frozen=True)
class Table:
    """Rows under a title; `paired`: with each row's difference to the first, task by task; `floor`: what stands beside ours in the
    place of a paper's figure, measured on the same tasks; `scope`: with what became of out-of-scope queries; `acts`: with returns
    before adaptation and after one step, and the oracle's."""

    title: str
    rows: tuple[Row, ...]
    paired: bool = False
    floor: str = ""
    scope: bool = False
    acts: bool = False


def _paper_row(family: str, setting: str, row: str, transductive: bool | None = None) -> Row:
    algorithm, _, more = row.partition("-")
    label = ALGORITHMS[algorithm].label + (f" ({more})" if more else "")
    paper = FIGURES.get(f"{family}-{setting}-{row}")
    return Row(f"{setting}-{row}", label, f"paper-{family}-{setting}-{algorithm}", paper, transductive)


_ON_OMNIGLOT: dict[str, dict[str, bool]] = {
    "maml": {},
    "fomaml": {},
    "mamlpp": {},
    "reptile": {"transductive": False},
    "reptile-transductive": {"transductive": True},
    "anil": {},
    "metasgd": {},
    "protonet": {},
}
_ON_SINUSOID = ("maml", "fomaml", "metasgd", "mamlpp", "reptile", "anil", "cavia")

_SWITCHED: dict[str, tuple[str, dict[str, Any]]] = {
    "trpo": ("TRPO and plain, as above", {}),
    "lvc": ("LVC", {"estimator": "lvc"}),
    "dice": ("DiCE", {"estimator": "dice"}),
    "ppo": ("PPO", {"outer_optimizer": "ppo", "outer_lr": 0.003}),
    "adam": ("Adam", {"outer_optimizer": "adam", "outer_lr": 0.01}),
}
"""MAML on 2D navigation in a third of the meta-steps, one switch at a time."""


def _acting_row(preset: str) -> Row:
    item = PRESETS[preset]
    sizes = ", the paper's sizes" if preset.startswith("paper-") else ""
    label = f"{ALGORITHMS[item.algorithm].label}, {FAMILIES[item.family].label}{sizes}"
    return Row(preset, label, preset, item.paper)


TABLES: dict[str, Table] = {
    "sinusoid": Table(
        "Few-shot regression of sine waves",
        tuple(_paper_row("sinusoid", setting, row) for setting in ("k5", "k10") for row in _ON_SINUSOID),
    ),
    "omniglot": Table(
        "Few-shot classification of Omniglot's characters",
        tuple(
            _paper_row("omniglot", setting, row, **manner)
            for setting in SETTINGS
            for row, manner in _ON_OMNIGLOT.items()
        ),
    ),
    "text": Table(
        "Few-shot intent classification",
        tuple(Row(name, ALGORITHMS[item.algorithm].label, name) for name, item in SENTENCES.items()),
        floor="TF-IDF nearest centroid",
    ),
    "scope": Table(
        "Out-of-scope queries of few-shot intents",
        tuple(
            Row(name, ALGORITHMS[item.algorithm].label, name, scope=True)
            for name, item in SENTENCES.items()
            if FAMILIES[item.family].outside
        ),
        floor="TF-IDF nearest centroid",
        scope=True,
    ),
    "across": Table(
        "Trained on one family, tested on another",
        tuple(
            Row(
                f"strokes-omniglot-{name}",
                f"{ALGORITHMS[name].label}, Strokes → Omniglot",
                f"strokes-5w1s-{name}",
                on="omniglot",
            )
            for name in ("protonet", "maml")
        ),
    ),
    "rl": Table(
        "Learning to act",
        (
            *(_acting_row(name) for name in NAVIGATION),
            *(
                Row(
                    f"nav2d-short-{name}",
                    f"MAML, 2D navigation, shorter, {label}",
                    "nav2d-maml",
                    values={"steps": 30, **values},
                )
                for name, (label, values) in _SWITCHED.items()
            ),
            *(_acting_row(name) for name in (*PENDULUM, *CHEETAH)),
        ),
        acts=True,
    ),
    "mamlpp-ablation": Table(
        "MAML++ taken apart",
        (
            Row("maml", "none (MAML)", "ablation-maml"),
            *(Row(switch, control(switch).label.en, f"ablation-{switch}") for switch in SWITCHES),
            Row("mamlpp", "all six (MAML++)", "ablation-mamlpp"),
        ),
        paired=True,
    ),
}


def table_named(name: str) -> Table:
    """The table of that name. Raises UserError that lists them."""
    if name not in TABLES:
        raise UserError(
            Text(
                "{name}: there is no such table; the tables are {all}.", "{name}：没有这个表；可用的表有 {all}。"
            ).fill(name=name, all=", ".join(TABLES))
        )
    return TABLES[name]


def chosen(table: Table, patterns: Iterable[str]) -> list[Row]:
    """The rows whose names fit one of the patterns (`5w1s-*`); all, without patterns. Raises UserError for one that fits none."""
    patterns = list(patterns) or ["*"]
    for pattern in patterns:
        if not any(fnmatchcase(row.name, pattern) for row in table.rows):
            raise UserError(
                Text(
                    "--only {name}: there is no such row; the rows are {all}.",
                    "--only {name}：没有这一行；可用的行有 {all}。",
                ).fill(name=pattern, all=", ".join(row.name for row in table.rows))
            )
    return [row for row in table.rows if any(fnmatchcase(row.name, pattern) for pattern in patterns)]
