"""Rows as the benchmark writes them."""

from typing import Any

from metaplay.measured import Row

_WHERE: dict[str, Any] = {
    "device": "A machine, 2 cores",
    "date": "2026-11-25",
    "load": "0.1",
    "commit": "abc",
    "command": "python -m benchmarks.peers",
}


def ours(workload: str, least: float, **more: Any) -> Row:
    values = {"median": 1.5 * least, "first": 0.5, "steps": 40, "memory": 8_000_000, "flops": 10**8, "peak": 10**11}
    return Row(workload, "metaplay", 1, "abc", least=least, **{**values, **more}, **_WHERE)


def other(workload: str, contender: str, least: float, error: float = 2e-16, **more: Any) -> Row:
    values = {"median": 1.2 * least, "first": 0.5, "steps": 9, "memory": 16_000_000, "flops": 10**8, "peak": 10**11}
    return Row(workload, contender, 1, "2", error, least=least, **{**values, **more}, **_WHERE)


ROWS = [
    ours("W1-1", 0.002),
    other("W1-1", "loop", 0.05),
    other("W1-1", "vmap", 0.01, error=6e-2),
    Row("W1-1", "jax", 1, problem="ModuleNotFoundError: No module named 'jax'", **_WHERE),
    ours("W2-stride2-5", 0.4),
    other("W2-stride2-5", "jax", 0.2),
    other("W2-stride2-5", "learn2learn", 2.0),
    ours("W3", 1.0),
    ours("scaling-way-5", 0.1, memory=10_000_000),
    ours("scaling-way-20", 0.6, memory=20_500_000),
    ours("scaling-way-10", 0.25, memory=20_000_000),
    Row("W6-sinusoid", "sampling", 1, least=0.0001, median=0.0001, **_WHERE),
    Row("W6-sinusoid", "bare loop", 1, least=0.0097, median=0.01, **_WHERE),
    Row("W6-sinusoid", "live run", 1, least=0.01, median=0.011, **_WHERE),
    Row("race-strokes", "metaplay", 2, steps=200, reached=12.5, **_WHERE),
    Row("race-strokes", "loop", 2, steps=200, reached=50.0, **_WHERE),
    Row(
        "race-strokes",
        "learn2learn",
        2,
        steps=150,
        problem="not reached: 80.0% after 150 meta-steps and 40.0 s",
        **_WHERE,
    ),
    Row("gemm-2", "gemm", 2, least=0.1, flops=2 * 2048**3, peak=1.7e11, **_WHERE),
]
