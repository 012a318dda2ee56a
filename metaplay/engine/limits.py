"""What visitors may take of a server: every refusal is one sentence. No torch.

All limits are in the settings table (metaplay.settings), and hold where METAPLAY_VISITORS is `many`.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable

from metaplay.config import RunConfig
from metaplay.registry import ALGORITHMS
from metaplay.settings import Settings
from metaplay.text import Text, UserError

MB = 1_000_000
MINUTE = 60.0
_LONG = Text(
    "Runs have at most {most:,} meta-steps on this server, not {steps:,}: choose a shorter length.",
    "此服务器上的训练最多 {most:,} 个元步，而不是 {steps:,}：请缩短训练长度。",
)
_RUNS = Text(
    "You have {most} runs that train, are paused or wait, and more are not taken: stop one, or wait until one has ended.",
    "你已有 {most} 次训练在进行、暂停或排队，已达上限：请停止一次，或等一次结束。",
)
_QUEUE = Text(
    "{most} runs wait already, and more are not taken: try again in a few minutes.",
    "已有 {most} 次训练在排队，已达上限：请几分钟后再试。",
)
_OWN_ROOM = Text(
    "Your runs and data take {size:,.0f} MB, and each visitor has {most:,} MB on this server: delete some of them first.",
    "你的训练和数据已占 {size:,.0f} MB，此服务器上每位访客的上限为 {most:,} MB：请先删除一些。",
)
_ROOM = Text(
    "There is no room for more on this server, as all that is kept is pinned or in use: delete something of yours, or try later.",
    "此服务器已没有空间，保存的内容都已固定或正在使用：请删除你的一些内容，或稍后再试。",
)
_FAST = Text(
    "You have asked for something {most:,} times within a minute, and more is not taken: wait a moment.",
    "你在一分钟内的请求已达 {most:,} 次上限：请稍等片刻。",
)
_BUSY = Text(
    "This server is asked for more than it can do: try again in a minute.",
    "此服务器的请求过多：请一分钟后再试。",
)


def check_length(chosen: Settings, configs: Iterable[RunConfig]) -> None:
    """Raises UserError for a run that is too long."""
    for config in configs:
        if ALGORITHMS[config.algorithm].meta_trains and config.steps > chosen.most_steps:
            raise UserError(_LONG.fill(most=chosen.most_steps, steps=config.steps))


def check_queue(chosen: Settings, own: int, waiting: int) -> None:
    """Raises UserError for one job more than may be there; the visitor has `own` that train or wait, and `waiting` do of all."""
    if own >= chosen.visitor_runs:
        raise UserError(_RUNS.fill(most=chosen.visitor_runs))
    if waiting >= chosen.queue:
        raise UserError(_QUEUE.fill(most=chosen.queue))


def check_room(chosen: Settings, own: int, every: int) -> None:
    """Raises UserError where the visitor's things, or those of all visitors, take all the bytes that they may."""
    if own >= chosen.visitor_mb * MB:
        raise UserError(_OWN_ROOM.fill(size=own / MB, most=chosen.visitor_mb))
    if every >= chosen.visitors_mb * MB:
        raise UserError(_ROOM)


class Rates:
    """How often something was asked for within the last minute, by whom and in all."""

    def __init__(self, each: int, every: int | None = None, clock: Callable[[], float] = time.monotonic):
        self._each, self._every, self._clock = each, every, clock
        self._asked: dict[str, deque[float]] = {}
        self._all: deque[float] = deque()

    def count(self, who: str) -> None:
        """Note that somebody asks. Raises UserError, and notes nothing, where that is once too often."""
        since = self._clock() - MINUTE
        own = _since(self._asked.setdefault(who, deque()), since)
        if len(own) >= self._each:
            raise UserError(_FAST.fill(most=self._each))
        if self._every and len(_since(self._all, since)) >= self._every:
            raise UserError(_BUSY)
        for times in (own, self._all) if self._every else (own,):
            times.append(since + MINUTE)

    def forget(self) -> None:
        """Those who have asked for nothing within a minute."""
        since = self._clock() - MINUTE
        self._asked = {who: times for who, times in self._asked.items() if _since(times, since)}


def _since(times: deque[float], since: float) -> deque[float]:
    """`times`, without those that are past."""
    while times and times[0] <= since:
        times.popleft()
    return times
