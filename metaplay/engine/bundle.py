"""A run as one file, to be taken elsewhere: a ZIP of its configuration, its log, its checkpoints, and figures for people. No torch.

bundle.json              that it is one, its version, the run's name and tags
config.json              the RunConfig
events.jsonl             the event log
checkpoint.safetensors   the last state of the training, where there is one
moments/                 earlier states, as many as fit in MOMENTS
results.csv, training.csv, probes.csv, report.html   for people and other programs; never read here

What is opened is a stranger's file: only files of these names, only so long, and each is checked before anything is kept.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from metaplay import __version__, zips
from metaplay.config import RunConfig, parse
from metaplay.engine import labels, moments, owners, spreadsheets, untrusted
from metaplay.engine.owners import Owner
from metaplay.engine.store import NAME, RunStore
from metaplay.events import RunStarted, StateChanged, to_line
from metaplay.history import History
from metaplay.settings import settings
from metaplay.text import Text, UserError

VERSION = 1
MB = 1 << 20
LARGEST = 64 * MB
"""A bundle, at most."""
MOMENTS = 24 * MB
"""Its earlier states together, at most; where a run has more, every second is left out until the rest fit."""
_FORMAT = "metaplay run"
_LIMITS = {
    "bundle.json": MB // 16,
    "config.json": MB // 16,
    "events.jsonl": 48 * MB,
    "checkpoint.safetensors": 32 * MB,
    "results.csv": MB,
    "training.csv": 32 * MB,
    "probes.csv": 8 * MB,
    "report.html": 16 * MB,
}
"""Every file that a bundle may have, and its size, at most."""
_FOR_PEOPLE = ("results.csv", "training.csv", "probes.csv", "report.html")
_MOMENT = re.compile(r"moments/(\d{7})\.safetensors")
_MOST_FILES = 100
_LONGEST_DIRECTORY = MB // 16

_TOO_LARGE_TO_PACK = Text(
    "Run {run} is too large for a bundle: its {name} has {size:.0f} MB, and {limit:.0f} MB fit.",
    "训练 {run} 过大，无法打包：其中 {name} 有 {size:.0f} MB，上限为 {limit:.0f} MB。",
)
_NOT_ONE = Text(
    "This file is not a whole metaplay bundle: choose one that the Runs page or `runs export` made, and download it again if it broke off.",
    "此文件不是完整的 metaplay 训练包：请选择由“训练记录”页面或 `runs export` 生成的文件；若下载中断，请重新下载。",
)
_TOO_LARGE = Text(
    "This file is larger than any bundle that metaplay makes ({limit:.0f} MB), packed or unpacked: it was not opened.",
    "此文件（压缩或解压后）超过 metaplay 训练包的上限（{limit:.0f} MB）：未打开。",
)
_TOO_LARGE_HERE = Text(
    "The file has {size:.0f} MB, and bundles of at most {limit} MB are opened here: open it elsewhere, or raise METAPLAY_BUNDLE_MB.",
    "文件有 {size:.0f} MB，此处最多打开 {limit} MB 的训练包：请在别处打开，或提高 METAPLAY_BUNDLE_MB。",
)
_TOO_NEW = Text(
    "This bundle was made by a newer metaplay: update this one to open it.",
    "此训练包由更新版本的 metaplay 生成：请先更新再打开。",
)
_CUT_OFF = "It was packed before it had ended; resume it to go on from its checkpoint."


def file_name(run: str) -> str:
    """What the bundle of a run is called."""
    return f"metaplay-{run}.zip"


def pack(store: RunStore, run: str, file: BinaryIO, report: str) -> None:
    """Write the run into `file` as a bundle; `report` is its page of figures, as HTML.

    Raises UserError if there is no such run, or it is too large.
    """
    folder, label = store.path(run), labels.read(store, run)
    events, _ = store.tail(run)
    history = History().add(events)
    about = {"format": _FORMAT, "version": VERSION, "run": run, "name": label.name, "tags": label.tags}
    contents = {
        "bundle.json": json.dumps({**about, "metaplay": __version__, "packed": time.time()}, indent=1).encode(),
        "config.json": (folder / "config.json").read_bytes(),
        "events.jsonl": "".join(map(to_line, events)).encode(),
        "results.csv": spreadsheets.results(history).encode(),
        "training.csv": spreadsheets.training(history).encode(),
        "probes.csv": spreadsheets.probes(history).encode(),
        "report.html": report.encode(),
    }
    checkpoint = folder / "checkpoint.safetensors"
    if checkpoint.exists():
        contents["checkpoint.safetensors"] = checkpoint.read_bytes()
    contents |= _moments(store, run)
    for name, content in contents.items():
        if len(content) > (limit := _LIMITS.get(name, MOMENTS)):
            raise UserError(_TOO_LARGE_TO_PACK.fill(run=run, name=name, size=len(content) / MB, limit=limit / MB))
    _write(file, contents)


def _moments(store: RunStore, run: str) -> dict[str, bytes]:
    paths = [moments.path(store, run, step) for step in moments.kept(store, run)]
    while sum(path.stat().st_size for path in paths) > MOMENTS:
        paths = paths[::2] if len(paths) > 1 else []
    return {f"moments/{path.name}": path.read_bytes() for path in paths}


def _write(file: BinaryIO, contents: Mapping[str, bytes]) -> None:
    with ZipFile(file, "w") as archive:
        for name, content in contents.items():
            # Tensors hardly become smaller, and take the longest.
            method = ZIP_STORED if name.endswith(".safetensors") else ZIP_DEFLATED
            archive.writestr(ZipInfo(name), content, compress_type=method)


def unpack(store: RunStore, file: BinaryIO, owner: Owner = None) -> str:
    """Open a bundle: its run appears in the store under a new name, with its history and its checkpoints. Returns that name.

    Raises UserError, and keeps nothing, if `file` is not a whole bundle, is too large, or comes from a newer metaplay.
    """
    try:
        config, files = _checked(_contents(file))
    except untrusted.TooNew as error:
        raise UserError(_TOO_NEW) from error
    except zips.BROKEN as error:
        raise UserError(_NOT_ONE) from error
    return store.create(config, {**files, **owners.files(owner)})


def _contents(file: BinaryIO) -> dict[str, bytes]:
    """The files of a bundle that are read here, each under its limit. Nothing is unpacked before its name and size are known."""
    _check_end(file)
    with ZipFile(file) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        _require(len(entries) <= _MOST_FILES and len(set(names)) == len(names))
        for entry in entries:
            _require(entry.filename in _LIMITS or _MOMENT.fullmatch(entry.filename) is not None)
            _require(zips.plain(entry))
            if entry.file_size > _LIMITS.get(entry.filename, MOMENTS):
                raise UserError(_TOO_LARGE.fill(limit=LARGEST / MB))
        if sum(entry.file_size for entry in entries if _MOMENT.fullmatch(entry.filename)) > MOMENTS:
            raise UserError(_TOO_LARGE.fill(limit=LARGEST / MB))
        return {entry.filename: zips.read(archive, entry) for entry in entries if entry.filename not in _FOR_PEOPLE}


def _check_end(file: BinaryIO) -> None:
    """That the file is not too large, and neither is its table of contents, which is read whole."""
    size, limit = file.seek(0, 2), settings().bundle_mb
    if size > LARGEST:
        raise UserError(_TOO_LARGE.fill(limit=LARGEST / MB))
    if size > limit * MB:
        raise UserError(_TOO_LARGE_HERE.fill(size=size / MB, limit=limit))
    _require(zips.directory_length(file) <= _LONGEST_DIRECTORY)


def _checked(contents: Mapping[str, bytes]) -> tuple[RunConfig, dict[str, bytes]]:
    """The configuration, and the other files that the run's folder gets."""
    label = _label(json.loads(contents["bundle.json"]))
    config = parse(json.loads(contents["config.json"]))
    events = untrusted.check_log(contents["events.jsonl"])
    started = [event for event in events if isinstance(event, RunStarted)]
    _require(all(parse(event.config) == config for event in started[:1]))
    files = {name: content for name, content in contents.items() if name not in ("bundle.json", "config.json")}
    for name, content in files.items():
        if name.endswith(".safetensors"):
            step, moment = untrusted.check_tensors(content), _MOMENT.fullmatch(name)
            _require(moment is None or int(moment[1]) == step)
    if not History().add(events).ended:
        cut = StateChanged(at=events[-1].at if events else time.time(), state="interrupted", reason=_CUT_OFF)
        files["events.jsonl"] += to_line(cut).encode()
    return config, {**files, labels.FILE: label.to_json()}


def _label(found: dict[str, Any]) -> labels.Label:
    """The run's label, of what bundle.json says."""
    _require(found["format"] == _FORMAT and isinstance(found["version"], int))
    if found["version"] > VERSION:
        raise untrusted.TooNew
    texts = (found["run"], found["name"], *found["tags"])
    _require(all(isinstance(text, str) for text in texts) and NAME.fullmatch(found["run"]) is not None)
    return labels.label(found["name"], found["tags"], origin=found["run"])


def _require(so: bool) -> None:
    if not so:
        raise ValueError("not a bundle")
