"""Continual runs and visits for a set time, and what they leave behind. A CSV, and a figure of it.

    python -m benchmarks.soak [--minutes 60] [--visitors 4] [--out benchmarks/results/soak]

Visitors come one after another, as many as `--visitors` at once. Each trains a small run and watches it, looks at other pages, or
leaves in the middle of it; nobody stays for more than a minute. Every ten seconds the memory, open files and threads of every process
of the server are written down, the size of the store, and how long the pages waited for their ticks meanwhile. The store may hold
`--store` MB; then the oldest runs go. The last lines tell by how much each of these grew from the second tenth of the time to the
last: what is flat is at 1.0. Exits with 1 where a page met an error.
"""

import argparse
import asyncio
import csv
import os
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import plotly.graph_objects as go

from benchmarks.peers.picture import save_svg
from benchmarks.processes import taken
from benchmarks.visitor import Visitor
from metaplay.charts.style import as_json
from tests.browser.conftest import Server, serving

_EVERY = 10.0
"""Seconds between two looks."""
_STAY = 60.0
_PAGES = ("lab", "race", "draw", "learn", "data", "library")
ROLES = {"server": "#0072B2", "scheduler": "#D55E00", "nanny": "#009E73", "worker": "#CC79A7"}
NUMBERS = ("tick_median_ms", "tick_95_ms", "store_mb", "runs", "visits", "errors")
FIELDS = ("minutes", *(f"{role}_{what}" for role in ROLES for what in ("mb", "files", "threads")), *NUMBERS)
Row = dict[str, float]


class Soak:
    """What happened so far: visits, errors, and the ticks since the last look."""

    def __init__(self, server: Server):
        self.server, self.visits = server, 0
        self.ticks: list[float] = []
        self.errors: list[str] = []

    async def visitor(self, end: float, seed: int) -> None:
        """One after another comes and leaves."""
        rng = random.Random(seed)
        while time.monotonic() < end:
            self.visits += 1
            try:
                await self.visit(rng)
            except Exception as error:  # whatever goes wrong for one is counted, and the next one comes
                self.errors.append(f"{type(error).__name__}: {error}")

    async def visit(self, rng: random.Random) -> None:
        """Somebody trains and watches, to the end or not; or looks at another page."""
        if rng.random() < 0.3:
            asked = page = rng.choice(_PAGES)
            async with Visitor(self.server.url, page=page) as visitor:
                await visitor.until(lambda page: page.drawn, _STAY, "the page")
                await asyncio.sleep(rng.uniform(0, 3))
        else:
            algorithm, steps = rng.choice(("maml", "fomaml", "reptile", "mamlpp")), rng.randrange(50, 600)
            asked = query = (
                f"algorithm={algorithm}&family=sinusoid&steps={steps}&eval_tasks=20&seed={rng.randrange(10**6)}"
            )
            async with Visitor(self.server.url, query) as visitor:
                await visitor.until(lambda page: page.drawn, _STAY, "the page")
                visitor.page.pressed()
                await visitor.press("train")
                leaves = time.monotonic() + (rng.uniform(0, 5) if rng.random() < 0.3 else _STAY)
                while visitor.page.state != "Finished" and time.monotonic() < leaves:
                    await asyncio.sleep(0.1)
                self.ticks += visitor.page.ticks
        self.errors += [f"{asked}: {said}" for said in (*visitor.page.problems, *visitor.page.alerts)]

    def row(self, minutes: float) -> Row:
        """What is to be written down now."""
        row = dict.fromkeys(FIELDS, 0.0) | {"minutes": minutes}
        for one in taken(self.server.process.pid):
            if one.role in ROLES:
                for what, value in (("mb", one.memory), ("files", one.files), ("threads", one.threads)):
                    row[f"{one.role}_{what}"] += value
        ticks, self.ticks = self.ticks or [float("nan")], []
        row["tick_median_ms"], row["tick_95_ms"] = (float(1000 * found) for found in np.percentile(ticks, [50, 95]))
        row["store_mb"], row["runs"] = size(self.server.store.root), len(self.server.store.list())
        return row | {"visits": self.visits, "errors": len(self.errors)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--visitors", type=int, default=4)
    parser.add_argument("--store", type=int, default=100, help="MB that the runs may take")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("benchmarks/results/soak"),
        help="apart from the peers' files, all of which a page reads",
    )
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    os.environ.update(METAPLAY_VISITORS="many", METAPLAY_VISITORS_MB=str(chosen.store))
    with TemporaryDirectory() as folder, serving(Path(folder), workers=2) as server:
        soak = Soak(server)
        rows = asyncio.run(watched(soak, chosen))
    (chosen.out / "soak.json").write_text(as_json(figure(rows)), encoding="utf-8")
    print(save_svg(chosen.out / "soak.json"))
    print(*told(rows), *soak.errors[:20], sep="\n")
    sys.exit(1 if soak.errors else 0)


async def watched(soak: Soak, chosen: argparse.Namespace) -> list[Row]:
    """Let visitors come, and write down what the server takes meanwhile."""
    began = time.monotonic()
    end = began + 60 * chosen.minutes
    coming = [asyncio.create_task(soak.visitor(end, seed)) for seed in range(chosen.visitors)]
    rows: list[Row] = []
    with (chosen.out / "soak.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, FIELDS)
        table.writeheader()
        while time.monotonic() < end:
            await asyncio.sleep(_EVERY)
            rows.append(soak.row((time.monotonic() - began) / 60))
            table.writerow({name: f"{value:.6g}" for name, value in rows[-1].items()})
            file.flush()
    await asyncio.wait(coming, timeout=2 * _STAY)
    return rows


def size(folder: Path) -> float:
    """What the files below a folder take, in MB."""
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.stat(os.path.join(path, name)).st_size
            except FileNotFoundError:
                continue  # removed just now
    return total / 2**20


def told(rows: list[Row]) -> list[str]:
    """By how much each thing grew, as a table in Markdown."""
    tenth = max(1, len(rows) // 10)
    lines = ["| | second tenth | last tenth | grew |", "|---|---|---|---|"]
    for name in FIELDS[1:]:
        early, late = (_median(name, part) for part in (rows[tenth : 2 * tenth], rows[-tenth:]))
        lines.append(f"| {name} | {early:.4g} | {late:.4g} | {late / early if early else 1:.2f} |")
    return lines


def _median(name: str, rows: list[Row]) -> float:
    known = [row[name] for row in rows if not np.isnan(row[name])]
    return float(np.median(known)) if known else float("nan")


def figure(rows: list[Row]) -> go.Figure:
    """Four panels over the same minutes: memory, open files, the store, and how long ticks took."""
    minutes = [row["minutes"] for row in rows]
    panels: list[tuple[str, dict[str, str], str]] = [
        ("memory, MB", {f"{role}_mb": role for role in ROLES}, ""),
        ("open files", {f"{role}_files": role for role in ROLES}, "2"),
        ("store, MB", {"store_mb": "store"}, "3"),
        ("tick, ms", {"tick_median_ms": "tick, median", "tick_95_ms": "tick, 95 %"}, "4"),
    ]
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"margin": {"t": 40, "r": 20}, "legend": {"orientation": "h"}}
    layout["title"] = {"text": f"{rows[-1]['visits']:.0f} visits in {minutes[-1]:.0f} minutes"}
    for place, (title, lines, axis) in enumerate(panels):
        top = 1 - place * 0.26
        layout[f"yaxis{axis}"] = {"title": {"text": title}, "domain": [top - 0.21, top], "rangemode": "tozero"}
        for name, said in lines.items():
            role = name.rsplit("_", 1)[0]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": said,
                    "x": minutes,
                    "y": [None if np.isnan(row[name]) else row[name] for row in rows],
                    "yaxis": f"y{axis}",
                    "line": {"color": ROLES.get(role, "#595959"), "dash": "dot" if "95" in name else "solid"},
                    "showlegend": not name.endswith("files"),
                }
            )
    layout["xaxis"] = {"title": {"text": "minutes"}, "anchor": "y4"}
    return go.Figure({"data": traces, "layout": layout})


if __name__ == "__main__":
    main()
