"""The order in which a server draws: one after another, those first whose deadline is first, and nobody stops the others."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from metaplay.ui.order import ORDER, PATIENCE, Order, ordered
from tests.integration.engine.helpers import until

FOR_EVER = 1000.0


class Scripts:
    """Scripts that wait for their turn, each in a thread, and draw until they are let end."""

    def __init__(self, order: Order, pool: ThreadPoolExecutor):
        self.order, self.drawn = order, list[str]()
        self._pool, self._ends, self._running = pool, dict[str, Event](), dict[str, Future]()

    def come(self, name: str, patience: float = 0.0, act: Callable[[], object] = lambda: None) -> None:
        """One more waits, as soon as this returns."""
        self._ends[name] = Event()
        waiting = len(self.order._waiting)
        self._running[name] = self._pool.submit(self._run, name, patience, act)
        until(lambda: len(self.order._waiting) > waiting or name in self.drawn)

    def end(self, name: str) -> None:
        self._ends[name].set()
        self._running[name].result(10)

    def _run(self, name: str, patience: float, act: Callable[[], object]) -> None:
        with self.order.turn(patience):
            self.drawn.append(name)
            act()
            assert self._ends[name].wait(10)


@contextmanager
def _scripts(order: Order):
    with ThreadPoolExecutor() as pool:
        scripts = Scripts(order, pool)
        try:
            yield scripts
        finally:
            for end in scripts._ends.values():
                end.set()


def test_one_draws_at_a_time_and_the_earliest_deadline_is_first():
    with _scripts(Order(FOR_EVER)) as scripts:
        for name, patience in (("first", 0.0), ("opened", PATIENCE), ("pressed", 0.0), ("tick", 0.0)):
            scripts.come(name, patience)
        assert scripts.drawn == ["first"]
        for done, drawn in (("first", "pressed"), ("pressed", "tick"), ("tick", "opened")):
            scripts.end(done)
            until(lambda drawn=drawn: drawn in scripts.drawn)
        assert scripts.drawn == ["first", "pressed", "tick", "opened"]


def test_a_page_that_has_waited_for_its_time_goes_before_those_that_come_then():
    with _scripts(Order(FOR_EVER)) as scripts:
        scripts.come("first")
        scripts.come("opened", 0.02)
        time.sleep(0.05)
        scripts.come("pressed")
        scripts.end("first")
        until(lambda: len(scripts.drawn) > 1)
        assert scripts.drawn == ["first", "opened"]


def test_one_that_takes_long_does_not_hold_up_the_others():
    with _scripts(Order(longest=0.05)) as scripts:
        scripts.come("reads a large file")
        scripts.come("pressed")
        until(lambda: "pressed" in scripts.drawn)
        scripts.end("reads a large file")  # its turn is over, and it does not end that of another
        assert scripts.order._draws is not None


def test_one_that_waits_for_a_worker_gives_its_turn_away():
    order = Order(FOR_EVER)
    with _scripts(order) as scripts:
        scripts.come("asks", act=order.leave)
        scripts.come("pressed")
        until(lambda: "pressed" in scripts.drawn)


def test_an_error_ends_the_turn():
    order = Order(FOR_EVER)
    with pytest.raises(ZeroDivisionError), order.turn(0.0):
        raise ZeroDivisionError
    with order.turn(0.0):
        pass


def test_the_scripts_of_a_server_run_in_order(monkeypatch: pytest.MonkeyPatch):
    """A page that is opened is patient; a tick, a click and whoever changes the page are not."""
    had, patient = list[bool](), list[float]()
    turn = ORDER.turn

    def turned(patience: float):
        patient.append(patience)
        return turn(patience)

    monkeypatch.setattr(ORDER, "turn", turned)
    monkeypatch.setattr(ScriptRunner, "_run_script", lambda self, data: had.append(ORDER._draws is not None))
    ordered.clear()
    try:
        ordered()
        pressed = WidgetStates()
        pressed.widgets.add(id="train", trigger_value=True)
        for data in (
            RerunData(widget_states=WidgetStates()),
            RerunData(fragment_id_queue=["part"], is_auto_rerun=True),
            RerunData(widget_states=pressed),
        ):
            ScriptRunner._run_script(None, data)  # type: ignore[arg-type]
    finally:
        ordered.clear()
    assert had == [True] * 3
    assert patient == [PATIENCE, 0.0, 0.0]
    assert ORDER._draws is None
