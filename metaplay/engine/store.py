"""Where runs are kept: a folder a run, with its configuration, its event log, its checkpoint and its orders. No torch.

<root>/<run>/config.json             the RunConfig
<root>/<run>/events.jsonl            the event log, the truth about the run; only ever appended to
<root>/<run>/checkpoint.safetensors  the last good state of the training (checkpoint.py)
<root>/<run>/moments/                earlier states of the training, to be looked at (moments.py)
<root>/<run>/orders.json             what was asked of it: pause, stop, ... (control.py)
<root>/<run>/label.json              what people call it (labels.py)
<root>/<run>/owner                   which visitor's it is (owners.py)
<root>/<run>/error.txt               the traceback, where it ended by an error
<root>/.going/<run>                  there while a process trains it (going.py)
<root>/.races/<race>.json            which runs are a race (racing.py)
<root>/.servers/<server>.json        there while a server with an engine lives (health.py)
<root>/.version                      of which version this layout is (layout.py)
<root>/.queue.json                   how the runs wait that do (turns.py)
"""

import errno
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from metaplay.config import RunConfig, parse
from metaplay.engine import going
from metaplay.events import Checkpointed, Event, Progress, RunEnded, RunStarted, StateChanged, from_lines, to_line
from metaplay.history import History
from metaplay.text import Text, UserError

NAME = re.compile(r"\d{8}-\d{6}-[a-z0-9]{6}")
"""What the name of a run, or of a race, looks like."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_FIRST_LOOK = 8 * 1024

Events = list[Event]


@dataclass(frozen=True)
class RunState:
    """How a run stands: `state` as in History, meta-steps done, seconds of training, and when it last wrote something."""

    state: str = "queued"
    reason: str = ""
    step: int = 0
    seconds: float = 0.0
    at: float = 0.0

    @property
    def ended(self) -> bool:
        return self.state in ("finished", "stopped", "failed")


def new_name() -> str:
    """A name that nothing has yet; it sorts by time."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + "-" + "".join(secrets.choice(_LETTERS) for _ in range(6))


class RunStore:
    """The runs below one folder. Any number of processes may read and append at the same time.

    A run's name may come from a URL: every method raises UserError where it is not the name of a run that is here.
    """

    def __init__(self, root: Path):
        self.root = root

    def create(self, config: RunConfig, files: Mapping[str, bytes] | None = None) -> str:
        """Make the folder of a new run and return its name, which sorts by time. Raises UserError if it cannot be written.

        `files` are what else is in the folder from the start: path in it -> content.
        """
        run = new_name()
        with writing(self.root):
            (self.root / run).mkdir(parents=True)
            for name, content in (files or {}).items():
                (self.root / run / name).parent.mkdir(exist_ok=True)
                write_whole(self.root / run / name, content)
            # Last, because with it there is a run: nobody meets a part of one.
            write_whole(self.root / run / "config.json", config.model_dump_json(indent=1).encode())
        return run

    def path(self, run: str) -> Path:
        """The run's folder."""
        if not NAME.fullmatch(run) or not (self.root / run / "config.json").is_file():
            raise UserError(
                Text(
                    "There is no run named {run}; `runs list` names those that are here.",
                    "没有名为 {run} 的训练；`runs list` 列出现有的训练。",
                ).fill(run=run)
            )
        return self.root / run

    def list(self) -> list[str]:
        """The names of all runs, newest first."""
        if not self.root.is_dir():
            return []
        found = (item.name for item in self.root.iterdir() if (item / "config.json").is_file())
        return sorted((name for name in found if NAME.fullmatch(name)), reverse=True)

    def config(self, run: str) -> RunConfig:
        """What the run is. Raises UserError, as for a name, where its file is damaged."""
        try:
            return parse(json.loads((self.path(run) / "config.json").read_bytes()))
        except (ValueError, TypeError) as error:
            raise UserError(
                Text(
                    "The settings of run {run} cannot be read: its config.json is damaged.",
                    "无法读取训练 {run} 的设置：它的 config.json 已损坏。",
                ).fill(run=run)
            ) from error

    def delete(self, run: str) -> None:
        """Remove the run and everything it left. Raises UserError while a process trains it."""
        folder = self.path(run)
        if going.alive(self.root, run):
            raise UserError(
                Text("Run {run} is going: stop it first.", "训练 {run} 正在进行：请先停止它。").fill(run=run)
            )
        with writing(folder):
            shutil.rmtree(folder)

    def append(self, run: str, event: Event) -> None:
        """Add an event to the log, in one write. Raises UserError where the disk is full."""
        line = to_line(event).encode()
        with writing(self.root), self._log(run).open("ab+", buffering=0) as file:
            if _torn(file.fileno()):
                line = b"\n" + line
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, "short write")

    def tail(self, run: str, offset: int = 0) -> tuple[Events, int]:
        """The events after `offset` (bytes) and the offset to go on from. A line still being written is left for later."""
        try:
            with self._log(run).open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return [], 0
        whole = data.rfind(b"\n") + 1
        return list(from_lines(data[:whole])), offset + whole

    def history(self, run: str) -> History:
        """The whole log, folded."""
        return History().add(self.tail(run)[0])

    def state(self, run: str) -> RunState:
        """How the run stands, read from the end of its log only, however long that is."""
        return stands(self.ending(run, _tell_state))

    def ending(self, run: str, enough: Callable[[Events], bool]) -> Events:
        """The last events of the log, as many as are `enough`, or all."""
        log, look = self._log(run), _FIRST_LOOK
        size = log.stat().st_size if log.exists() else 0
        while True:
            start = max(0, size - look)
            events = self._from(log, start) if size else []
            if start == 0 or enough(events):
                return events
            look *= 8

    def _from(self, log: Path, start: int) -> Events:
        with log.open("rb") as file:
            file.seek(start)
            data = file.read()
        first = data.find(b"\n") + 1 if start else 0
        return list(from_lines(data[first : data.rfind(b"\n") + 1]))

    def _log(self, run: str) -> Path:
        return self.path(run) / "events.jsonl"


def _tell_state(events: Events) -> bool:
    return any(isinstance(event, Progress | RunStarted | RunEnded) for event in events)


def stands(events: Events) -> RunState:
    """The state after the last events of a log. Progress with no state among them can only be that of a running one."""
    state, reason, step, seconds = "queued", "", 0, 0.0
    for event in events:
        match event:
            case StateChanged():
                state, reason = event.state, event.reason
            case RunStarted():
                state, reason, step = "running", "", event.resumed_from or 0
            case RunEnded():
                state, reason, step, seconds = event.status, event.reason, event.step, event.seconds
            case Progress():
                state = "running" if state == "queued" else state
                step, seconds = event.step[-1], event.seconds
            case Checkpointed():
                step = max(step, event.step)
            case _:
                pass
    return RunState(state, reason, int(step), seconds, events[-1].at if events else 0.0)


def _torn(file: int) -> bool:
    """Whether the file's last line was never finished."""
    size = os.fstat(file).st_size
    return size > 0 and os.pread(file, 1, size - 1) != b"\n"


def write_whole(path: Path, data: bytes, settled: bool = True) -> None:
    """Write a file such that a reader, and a crash, meets either the old content or the new, never a part.

    With `settled` off it does not wait for the disk: all that holds, but for a crash of the whole machine.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with part.open("wb") as file:
            file.write(data)
            if settled:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn the disk errors that a person can mend into a UserError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = Text(
                "The disk that holds {folder} is full: free some space, then resume the run.",
                "{folder} 所在的磁盘已满：请腾出空间，然后继续训练。",
            )
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT):
            text = Text(
                "The folder {folder} cannot be written: set METAPLAY_RUNS to one that can.",
                "无法写入文件夹 {folder}：请把 METAPLAY_RUNS 设为可写的文件夹。",
            )
        else:
            raise
        raise UserError(text.fill(folder=folder)) from error
