"""What happens to runs and to the engine, a line each on standard error: `time=... level=INFO event=started run=... ...`.

No line holds anybody's words: no names, no data, no reasons of errors, no visitor's id; data of someone's own are called `own`.
"""

import logging
import sys
import time

from metaplay.engine.store import RunStore
from metaplay.text import UserError

_logger = logging.getLogger("metaplay.events")


class _Stderr(logging.StreamHandler):
    """Writes to what standard error is at the time."""

    def __init__(self):
        logging.Handler.__init__(self)

    @property
    def stream(self):  # type: ignore[override]
        return sys.stderr


def to_stderr() -> None:
    """Have this process write the lines; once is enough."""
    if _logger.handlers:
        return
    form = logging.Formatter("time=%(asctime)s level=%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    form.converter = time.gmtime
    handler = _Stderr()
    handler.setFormatter(form)
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def note(event: str, **values: object) -> None:
    """Something happened to the engine."""
    _logger.info(" ".join([f"event={event}", *(f"{name}={value}" for name, value in values.items())]))


def of_run(store: RunStore, run: str, event: str) -> None:
    """Something happened to a run; nothing is said of one that was deleted meanwhile."""
    try:
        config, state = store.config(run), store.state(run)
    except UserError:
        return
    family = config.family.partition(":")[0]
    note(event, run=run, algorithm=config.algorithm, family=family, step=state.step, seconds=round(state.seconds, 1))
