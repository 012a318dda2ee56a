"""A server in a process of its own, as a test's victim: `python -m tests.integration.engine.server RUNS`.

Trains an endless run and prints its name, then the device; holds no torch.
"""

import signal
import sys
import time
from pathlib import Path

from metaplay.engine.client import Engine
from tests.integration.engine.helpers import endless, place, until


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run as a background job
    engine = Engine(place(Path(sys.argv[1]), workers=1))
    run = engine.submit(endless())
    until(lambda: engine.store.state(run).step > 2)
    device = until(lambda: engine.info().device)
    assert type(device) is str
    assert "torch" not in sys.modules
    print(run, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main()
