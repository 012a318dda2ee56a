"""What Dask is handed, without Dask."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from metaplay.engine import jobs


def test_the_thread_that_trains_steps_back_and_the_one_that_answers_does_not(tmp_path: Path):
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    before = priority()
    with ThreadPoolExecutor(1) as training, ThreadPoolExecutor(1) as answering:
        training.submit(jobs.run_together, str(tmp_path), []).result()
        assert training.submit(priority).result() == max(5, before)
        assert answering.submit(priority).result() == before
