"""A worker process, and what is asked of it over its pipes."""

import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PATIENCE = 900.0
"""Seconds that a worker may take for one answer (a compiler, or a very slow meta-step)."""


class Problem(Exception):
    """Why a contender has no figure."""


class Process:
    """One contender in a process of its own, on `threads` threads."""

    def __init__(self, contender: str, threads: int, device: str):
        self._errors = TemporaryFile("w+")  # noqa: SIM115  closed with the process
        count = str(threads)
        own = {**os.environ, "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "PEERS_THREADS": count}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.worker", contender, device],
            cwd=ROOT,
            env=own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def ask(self, method: str, patience: float = PATIENCE, **arguments: Any) -> dict[str, Any]:
        """What a method of `benchmarks.peers.worker.Worker` returns. Raises Problem with the reason where it fails.

        One that has not answered after `patience` seconds is ended.
        """
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in
        assert pipe_out
        try:
            print(json.dumps({"do": method, **arguments}), file=pipe_in, flush=True)
        except BrokenPipeError:
            raise Problem(self._last_words()) from None
        if not select.select([pipe_out], [], [], patience)[0]:
            self.kill()
            raise Problem(f"no answer in {patience:.0f} s")
        line = pipe_out.readline()
        if not line:
            raise Problem(self._last_words())
        answer = json.loads(line)
        if "problem" in answer:
            raise Problem(answer["problem"])
        return answer

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return f"its process ended with code {code}: {lines[-1] if lines else 'no reason given'}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(subprocess.TimeoutExpired, BrokenPipeError):
            self._process.communicate(timeout=10)
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()
        self._errors.close()
