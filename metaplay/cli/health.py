"""`health`: how the servers of a folder of runs are, for people and for whatever watches over them."""

import json
import urllib.request
from typing import Annotated, Any

import typer

from metaplay.cli.options import AsJson, RunsFolder, store_at
from metaplay.engine.health import servers

_SECONDS = 5.0


def health(
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this server too, such as http://localhost:8501.")
    ] = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> int:
    """Versions, queue, memory and device of the servers that keep their runs here. Exit code 1 if none is there or one is ill."""
    found = servers(store_at(runs).root)
    answers = None if url is None else _answers(url)
    well = answers is not False and (bool(found) or url is not None) and all(one["workers"] > 0 for one in found)
    if as_json:
        print(json.dumps({"well": well, "answers": answers, "servers": found}))
        return 0 if well else 1
    if answers is not None:
        print(
            f"{'ok  ' if answers else 'FAIL'}  {url} {'answers' if answers else 'does not answer: is the server running?'}"
        )
    for one in found:
        print(f"{'ok  ' if one['workers'] else 'FAIL'}  {_line(one)}")
    if not found:
        print("No server keeps its runs here: it starts its engine when the first page is opened.")
    return 0 if well else 1


def _line(one: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
    workers = f"{one['workers']} workers on {one['device'] or 'a device not known yet'}"
    if not one["workers"]:
        workers = "no worker: see the server's standard error, or run doctor"
    memory = f"{one['memory_free'] / 1e9:.1f} of {one['memory'] / 1e9:.1f} GB of memory and {one['disk_free'] / 1e9:.1f} GB of disk free"
    return f"{one['server']}: up {one['up']} s, {one['running']} runs go, {one['queued']} wait, {workers}, {memory}; {versions}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/_stcore/health", timeout=_SECONDS) as answer:
            return answer.status == 200
    except (OSError, ValueError):
        return False
