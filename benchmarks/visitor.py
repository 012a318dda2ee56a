"""A visitor of the Playground without a browser: Streamlit's own messages over its websocket.

It asks as often as a browser does, ticks included, and draws nothing. `Page` also follows the websocket of a real browser.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import parse_qs

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import ConnectionClosed
from websockets.asyncio.client import connect

_STEP = re.compile(r"step ([\d,]+) of")
_BADGE = re.compile(r":\w+-badge\[([^]]+)\]")
_PLACE = re.compile(r"number (\d+) in the queue")
_POINT = '"uid":"train-after"'
"""In the figure of a loss chart that has a point of the run."""
_CHART = "plot-loss"


class Page:
    """What a page was told by the server, and when (seconds of `time.time`, as in the event logs).

    `ticks` are the seconds from each time that it asked for what is new until it was told; where it asked again meanwhile, from
    the first time. `problems` are errors of the program, `alerts` the sentences by which the page says that something is wrong.
    """

    def __init__(self) -> None:
        self.status = ""
        self.query: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, str]] = {}
        self.timers: dict[str, float] = {}
        self.script = ""
        self.drawn = 0
        self.ticks: list[float] = []
        self.problems: list[str] = []
        self.alerts: list[str] = []
        self.first: dict[str, float] = {}
        self._asked: float | None = None
        self._before: str | None = None
        self._pointed = self._said = False

    @property
    def run(self) -> str | None:
        """The run that the page watches."""
        return self.query.get("run")

    @property
    def state(self) -> str:
        """The name of the run's state, as the page says it in English."""
        found = _BADGE.search(self.status)
        return found[1] if found else ""

    @property
    def step(self) -> int:
        found = _STEP.search(self.status)
        return int(found[1].replace(",", "")) if found else 0

    @property
    def place(self) -> int | None:
        """The place in the queue that the page shows."""
        found = _PLACE.search(self.status)
        return int(found[1]) if found else None

    def pressed(self) -> None:
        """Train was pressed now. From here on `first` notes when the page first told of the new run, of its place in the queue, and
        showed a point of it.
        """
        self.first, self._before, self._pointed = {"pressed": time.time()}, self.run, False

    def sent(self, data: bytes) -> None:
        """The page has asked something."""
        message = BackMsg.FromString(data)
        if message.rerun_script.is_auto_rerun and self._asked is None:
            self._asked = time.time()

    def received(self, data: bytes) -> None:
        """The page was told something."""
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "new_session":
                self._said = False
                self.script = message.new_session.page_script_hash
                if not message.metadata.run.fragment_ids:
                    self.timers.clear()
                    self._asked = None
                    if "told" not in self.first:  # a point from before was of another run
                        self._pointed = False
            case "auto_rerun":
                self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "stop_auto_rerun":
                for gone in message.stop_auto_rerun.fragment_ids:
                    self.timers.pop(gone, None)
            case "page_info_changed":
                asked = parse_qs(message.page_info_changed.query_string)
                self.query = {name: values[-1] for name, values in asked.items()}
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta)
            case "script_finished":
                self._finished(message)

    def _element(self, delta: Delta) -> None:
        element = delta.new_element
        match element.WhichOneof("type"):
            case "progress":
                self.status, self._said = element.progress.text, True
                self._tell()
            case "button":
                self.buttons[_key(element.button.id)] = element.button.id, delta.fragment_id
            case "bidi_component":
                self._component(element.bidi_component)
            case "exception":
                self.problems.append(f"{element.exception.type}: {element.exception.message}")
            case "alert" if element.alert.format in (Alert.ERROR, Alert.WARNING):
                self.alerts.append(element.alert.body)
            case "toast":
                self.alerts.append(element.toast.body)

    def _component(self, component: BidiComponent) -> None:
        name = component.component_name
        if name == "metaplay_feed" and self._asked is not None:
            self.ticks.append(time.time() - self._asked)
            self._asked = None
        if "pressed" in self.first and "point" not in self.first:
            charts = json.loads(component.json or "{}")
            if name == "metaplay_feed":
                figure, _ = charts.get(_CHART, ("", ""))
            else:
                figure = charts.get("figure", "") if _CHART in component.id else ""
            self._pointed = _POINT in figure if figure else self._pointed
            self._see_point()

    def _tell(self) -> None:
        self._note("told")
        if self.place:
            self._note("queue")
        self._see_point()

    def _see_point(self) -> None:
        """The chart and the words that say how far the run is come in either order."""
        if self._pointed and self.step and "told" in self.first:
            self._note("point")

    def _finished(self, message: ForwardMsg) -> None:
        code = ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)
        if code == "FINISHED_SUCCESSFULLY":
            self.drawn += 1
            if self._said:  # the name of the run may come after the words about it
                self._tell()
        elif "ERROR" in code:
            self.problems.append(code)

    def _note(self, what: str) -> None:
        if "pressed" in self.first and self.run != self._before:
            self.first.setdefault(what, time.time())


class Visitor:
    """A session on a server: `async with Visitor(url, "steps=300") as visitor`. Raises TimeoutError where a wait is in vain."""

    def __init__(self, url: str, query: str = "", page: str = ""):
        self.page = Page()
        self._stream, self._query, self._name = f"{url.replace('http', 'ws', 1)}/_stcore/stream", query, page
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._stream, subprotocols=["streamlit"], max_size=None, open_timeout=60)  # type: ignore[list-item]
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._tick())]
        await self._ask()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()

    async def press(self, button: str) -> None:
        """Press a button of the page, by its key."""
        widget, fragment = self.page.buttons[button]
        await self._ask(fragment, widget)

    async def until(self, reached: Callable[[Page], object], seconds: float, what: str) -> None:
        """Wait until the page is as wanted."""
        end = time.time() + seconds
        while not reached(self.page):
            if time.time() > end:
                raise TimeoutError(f"{seconds:.0f} s in vain for {what}; the page says: {self.page.status}")
            await asyncio.sleep(0.02)

    @property
    def cut(self) -> bool:
        """Whether the server has ended the session."""
        return self._tasks[0].done()

    async def _ask(self, fragment: str = "", press: str = "", tick: bool = False) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = "&".join(f"{name}={value}" for name, value in self.page.query.items()) or self._query
        asked.page_script_hash, asked.fragment_id, asked.is_auto_rerun = self.page.script, fragment, tick
        asked.context_info.timezone, asked.context_info.locale = "UTC", "en-US"
        if not self.page.script:
            asked.page_name = self._name
        if press:
            asked.widget_states.widgets.add(id=press, trigger_value=True)
        data = message.SerializeToString()
        self.page.sent(data)
        with suppress(ConnectionClosed):
            await self._socket.send(data)

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self._socket:
                self.page.received(data if isinstance(data, bytes) else data.encode())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(min(self.page.timers.values(), default=0.1))
            for fragment in list(self.page.timers):
                await self._ask(fragment, tick=True)


def _key(widget: str) -> str:
    """The key of a widget in its Streamlit id: `$$ID-<hash>-<key>`."""
    return widget.split("-", 2)[-1]
