"""The device that training runs on, and the versions that decide what it computes."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psutil
import torch

from metaplay.config import RunConfig
from metaplay.registry import NETWORKS
from metaplay.settings import settings
from metaplay.text import Text, UserError
from metaplay.training.commit import commit

_NO_MEMORY = ("allocate memory", "not enough memory", "out of memory", "bad_alloc", "create a memory object")
"""What torch and the libraries below it say of it."""


def best_device() -> torch.device:
    """CUDA, else MPS, else the CPU, unless METAPLAY_DEVICE names one. Raises UserError if that one is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    wanted = settings().device
    if wanted == "auto":
        return torch.device(next(name for name, found in there.items() if found))
    if not there[wanted]:
        raise UserError(
            Text(
                "METAPLAY_DEVICE = {d}: this machine has no such device; set it to auto.",
                "METAPLAY_DEVICE = {d}：本机没有该设备；请设为 auto。",
            ).fill(d=wanted)
        )
    return torch.device(wanted)


def device_name(device: torch.device) -> str:
    """What a person calls the device."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple GPU", "cpu": "CPU"}[device.type]


def memory_in_use(device: torch.device) -> int:
    """Bytes: the most that tensors took of a CUDA device so far; elsewhere, what this process holds of the machine's memory."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return psutil.Process().memory_info().rss


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was no more memory, of the machine or of its device: libraries differ in its kind."""
    said = str(error).lower()
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(words in said for words in _NO_MEMORY)
    )


def versions() -> dict[str, str]:
    """Versions of what computes, as plain text; metaplay's own is its commit."""
    return {
        "metaplay": commit(),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on this thread alone, where tensors are small; other threads of the process go on with as many as they have."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def use_threads(config: RunConfig, share: int) -> None:
    """Compute on at most `share` threads: on one where the tensors are too small for a second to be of use (the MLP's)."""
    torch.set_num_threads(max(1, share) if NETWORKS[config.network].parallel else 1)
