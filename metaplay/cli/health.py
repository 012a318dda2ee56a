"""`health`: how the servers of a folder of runs are, for people and for whatever watches over them."""

import json
import urllib.request
from typing import Annotated, Any

import typer

from metaplay.cli.options import AsJson, RunsFolder, language, store_at
from metaplay.engine.health import servers
from metaplay.text import Text

_SECONDS = 5.0
_NONE = Text(
    "No server keeps its runs here: it starts its engine when the first page is opened.",
    "没有服务器在这里保存训练：第一次打开页面时，服务器才会启动引擎。",
)
_ANSWERS = Text("{url} answers", "{url} 有响应")
_SILENT = Text(
    "{url} does not answer: see whether the server runs.",
    "{url} 没有响应：请检查服务器是否在运行。",
)
_SERVER = Text(
    "{server}: up {up} s, {running} runs go, {queued} wait, {workers}, {memory} of {most} GB of memory and {disk} GB of disk free; {versions}",
    "{server}：已运行 {up} 秒，{running} 个训练在进行，{queued} 个在排队，{workers}，空闲内存 {memory}/{most} GB，空闲磁盘 {disk} GB；{versions}",
)
_WORKERS = Text("{workers} workers on {device}", "{workers} 个工作进程，设备 {device}")
_NO_WORKER = Text(
    "no worker: see the server's standard error, or run doctor",
    "没有工作进程：请查看服务器的标准错误输出，或运行 doctor",
)
_UNKNOWN = Text("a device not known yet", "未知")


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
        _say(answers, (_ANSWERS if answers else _SILENT).fill(url=url))
    for one in found:
        _say(one["workers"] > 0, _line(one))
    if not found:
        print(_NONE(language()))
    return 0 if well else 1


def _say(well: bool, text: Text) -> None:
    print(f"{'ok  ' if well else 'FAIL'}  {text(language())}")


def _line(one: dict[str, Any]) -> Text:
    return _SERVER.fill(
        **{name: one[name] for name in ("server", "up", "running", "queued")},
        workers=_WORKERS.fill(workers=one["workers"], device=one["device"] or _UNKNOWN)
        if one["workers"]
        else _NO_WORKER,
        memory=f"{one['memory_free'] / 1e9:.1f}",
        most=f"{one['memory'] / 1e9:.1f}",
        disk=f"{one['disk_free'] / 1e9:.1f}",
        versions=", ".join(f"{name} {number}" for name, number in one["versions"].items()),
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/_stcore/health", timeout=_SECONDS) as answer:
            return answer.status == 200
    except (OSError, ValueError):
        return False
