"""The ways in which faults.py breaks things, each a function of the ground, the run that goes and a random generator."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.ground import Ground
from benchmarks.processes import children
from benchmarks.visitor import Visitor

Fault = Callable[[Ground, str, random.Random], Awaitable[None]]


def _killing(role: str) -> Fault:
    async def kill(ground: Ground, run: str, rng: random.Random) -> None:
        for process in rng.sample(found := children(ground.server.process.pid, role), min(1, len(found))):
            with suppress(psutil.Error):
                process.kill()

    return kill


def _ending(how: signal.Signals) -> Fault:
    async def end(ground: Ground, run: str, rng: random.Random) -> None:
        ground.server.process.send_signal(how)
        ground.server.process.wait(30)

    return end


async def full_disk(ground: Ground, run: str, rng: random.Random) -> None:
    """Nothing more can be written for some seconds."""
    filler = ground.folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 2**10, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    await asyncio.sleep(rng.uniform(0.5, 6))
    filler.unlink()


def _network(how: str) -> Fault:
    async def fail(ground: Ground, run: str, rng: random.Random) -> None:
        assert ground.proxy
        ground.proxy.set("cut" if how == "cut" else "frozen")
        await asyncio.sleep(rng.uniform(0.5, 8))
        ground.proxy.set("open")

    return fail


async def torn_log(ground: Ground, run: str, rng: random.Random) -> None:
    """The machine lost its power: the last line of the log is not whole, or not what it was."""
    await _ending(signal.SIGKILL)(ground, run, rng)
    await asyncio.to_thread(ground.orphans)
    log = ground.store.path(run) / "events.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    last = lines.pop()
    lines.append(last[: rng.randrange(len(last))] if rng.random() < 0.5 else garbled(last, rng))
    log.write_bytes(b"".join(lines))


async def bad_checkpoint(ground: Ground, run: str, rng: random.Random) -> None:
    """The run was stopped, and its checkpoint is not what was written."""
    await _stop(ground, run)
    _garble(ground.store.path(run) / "checkpoint.safetensors", rng)


async def bad_orders(ground: Ground, run: str, rng: random.Random) -> None:
    """What was asked of the run cannot be read."""
    _garble(ground.store.path(run) / "orders.json", rng)


async def bad_neighbour(ground: Ground, run: str, rng: random.Random) -> None:
    """The settings or the label of another run cannot be read while somebody looks at the list of runs."""
    others = [other for other in ground.store.list() if other != run]
    if not others:
        return
    path = ground.store.path(rng.choice(others)) / rng.choice(("config.json", "label.json"))
    whole = path.read_bytes() if path.exists() else None
    path.write_bytes(rng.choice((b"", b"{", b"\xff", b'{"name": 3}')))
    async with Visitor(ground.server.url, page="library") as visitor:
        await visitor.until(lambda page: page.drawn or page.problems, 60, "the list of runs")
        if visitor.page.problems:
            raise AssertionError(f"{path.name} damaged: {visitor.page.problems[0]}")
    if whole is None:
        path.unlink()
    else:
        path.write_bytes(whole)


async def bad_setting(ground: Ground, run: str, rng: random.Random) -> None:
    """The server is started with a setting that makes no sense; then the setting is mended."""
    ground.end()
    name, value = rng.choice(
        [("METAPLAY_WORKERS", "many"), ("METAPLAY_DEVICE", "abacus"), ("METAPLAY_IMPORT_MB", "-1")]
    )
    ground.start(**{name: value})
    async with Visitor(ground.server.url) as visitor:
        await visitor.until(lambda page: name in " ".join(page.alerts), 30, f"a sentence about {name}")
        if visitor.page.problems:
            raise AssertionError(f"{name} = {value}: {visitor.page.problems[0]}")
    ground.end()


async def _stop(ground: Ground, run: str) -> None:
    async with Visitor(ground.server.url, f"run={run}") as visitor:
        await visitor.until(lambda page: page.drawn and page.state, 60, "the page")
        if not ground.store.state(run).ended:
            await visitor.press("stop")
            await visitor.until(lambda page: ground.store.state(run).ended, 60, "the run to stop")


def garbled(data: bytes, rng: random.Random) -> bytes:
    """The data with some bytes in the middle as they were not, and a part of them missing at times."""
    if not data:
        return data
    at = rng.randrange(len(data))
    damaged = data[:at] + rng.randbytes(min(8, len(data) - at)) + data[at + 8 :]
    return damaged[: rng.randrange(len(data))] if rng.random() < 0.3 else damaged


def _garble(path: Path, rng: random.Random) -> None:
    if path.exists():
        path.write_bytes(garbled(path.read_bytes(), rng))


FAULTS: dict[str, Fault] = {
    "worker killed": _killing("worker"),
    "worker keeper killed": _killing("nanny"),
    "scheduler killed": _killing("scheduler"),
    "server killed": _ending(signal.SIGKILL),
    "server ended": _ending(signal.SIGTERM),
    "disk full": full_disk,
    "network cut": _network("cut"),
    "network frozen": _network("frozen"),
    "log torn": torn_log,
    "checkpoint damaged": bad_checkpoint,
    "orders damaged": bad_orders,
    "another run damaged": bad_neighbour,
    "nonsense in a setting": bad_setting,
}
