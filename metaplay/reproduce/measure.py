"""From the runs in the store to a row's result. Imports torch only where a run has to be tested anew."""

import math

from metaplay.config import RunConfig
from metaplay.engine.store import RunState, RunStore
from metaplay.events import Evaluated, Rejection
from metaplay.registry import ALGORITHMS
from metaplay.reproduce import words
from metaplay.reproduce.results import Result, Results
from metaplay.reproduce.tables import Row, Table


def found(store: RunStore, config: RunConfig, seconds: float = math.inf) -> tuple[str | None, bool]:
    """A run of exactly this configuration, and whether it is finished with all its steps, or these seconds of training, done.

    Of several one that is; else the one that came the furthest.
    """
    states = {run: store.state(run) for run in store.list() if store.config(run) == config}
    enough = {run for run, state in states.items() if _enough(state, config, seconds)}
    run = max(states, key=lambda run: (run in enough, states[run].step), default=None)
    return run, run in enough


def _enough(state: RunState, config: RunConfig, seconds: float) -> bool:
    return state.state == "finished" and (state.step >= _length(config) or state.seconds >= seconds)


def _length(config: RunConfig) -> int:
    """Meta-steps that a run of this configuration takes."""
    return config.steps if ALGORITHMS[config.algorithm].meta_trains else 0


def standing(store: RunStore, config: RunConfig) -> str:
    """How it stands with a row of this configuration that has no result."""
    run, _ = found(store, config)
    if run is None:
        return "not run"
    state = store.state(run)
    if state.state == "failed":
        return f"failed: {state.reason}"
    return f"not finished: {state.step:,} of {config.steps:,} steps"


def measured(store: RunStore, name: str, table: Table, row: Row, run: str, results: Results) -> Result:
    """What a finished run of a row came to. What `results` hold of that very run already is not measured again."""
    config, history = store.config(run), store.history(run)
    first, held = _first(store, table, row, results), results.get(row.name)
    if held and (held.state, held.against) == (f"{run} at {history.step}", first.state if first else ""):
        return held
    tested = _tested(store, row, run, history.evaluated[-1])
    started = history.started
    assert started  # it is finished
    result = Result(
        task=words.task(config),
        protocol=words.protocol(config.model_copy(update={"transductive": tested.transductive}), row.on),
        metric=tested.metric,
        mean=tested.mean[-1],
        ci95=tested.ci95[-1],
        mean_1=tested.mean[1],
        ci95_1=tested.ci95[1],
        floor=tested.floor and tested.floor[0],
        floor_ci95=tested.floor and tested.floor[1],
        tasks=tested.tasks,
        transductive=tested.transductive,
        steps=history.step,
        of_steps=_length(row.config()),
        seconds=round(history.seconds, 1),
        device=started.device,
        commit=started.versions.get("metaplay", "unknown"),
        command=command(name, row, config, history.step, history.seconds),
        run=run,
    ).model_copy(update=_rejected(tested.rejection) | _acted(tested))
    return result.model_copy(update=_difference(store, run, first, config.eval_tasks)) if first else result


def command(name: str, row: Row, config: RunConfig, steps: int, seconds: float) -> str:
    """What to type for this row; a run that ended before its last step had so many minutes."""
    words, preset = f"python -m metaplay reproduce {name} --only {row.name}", row.config()
    if config.steps != preset.steps:
        words += f" --steps {config.steps}"
    if steps < _length(config):
        words += f" --budget {seconds / 60:.3g}"
    return words + (f" --seed {config.seed}" if config.seed != preset.seed else "")


def _rejected(found: tuple[Rejection, Rejection] | None) -> dict[str, float]:
    """Of a run and its floor, as a Result has it; nothing, where no out-of-scope queries were asked."""
    if found is None:
        return {}
    told = {"threshold": found[0].threshold}
    for prefix, one in zip(("", "floor_"), found, strict=True):
        for name in ("rejected", "kept", "auroc"):
            told[f"{prefix}{name}"], told[f"{prefix}{name}_ci95"] = getattr(one, name)
    return told


def _acted(tested: Evaluated) -> dict[str, float]:
    """Of returns, what else a Result has; nothing of others."""
    if tested.metric != "return":
        return {}
    oracle = {} if tested.oracle is None else {"oracle": tested.oracle[0], "oracle_ci95": tested.oracle[1]}
    return {"before": tested.mean[0], "before_ci95": tested.ci95[0], **oracle}


def _tested(store: RunStore, row: Row, run: str, own: Evaluated) -> Evaluated:
    """The run's own test, or another in the row's manner, or on its family."""
    if row.on:
        from metaplay.engine.checkpoint import kept
        from metaplay.training import evaluate_across

        return evaluate_across(kept(store, run), row.on, own.tasks, "test", row.transductive).evaluated
    if row.transductive in (None, own.transductive):
        return own
    from metaplay.engine.checkpoint import kept
    from metaplay.training import evaluate_snapshot

    return evaluate_snapshot(*kept(store, run), own.tasks, "test", row.transductive)


def _first(store: RunStore, table: Table, row: Row, results: Results) -> Result | None:
    """The first row's result, where the row is to be measured against its run: if that is here, and has not gone on since."""
    first = results.get(table.rows[0].name)
    if not table.paired or row == table.rows[0] or first is None or first.run not in store.list():
        return None
    state = store.state(first.run)
    return first if (state.state, state.step) == ("finished", first.steps) else None


def _difference(store: RunStore, run: str, first: Result, tasks: int) -> dict[str, float | str]:
    """After the last inner step of both, on the same tasks."""
    from metaplay.engine.checkpoint import kept
    from metaplay.training import compare_snapshots

    found = compare_snapshots({name: kept(store, name) for name in (first.run, run)}, tasks, "test")[-1]
    return {"difference": found.difference[1], "difference_ci95": found.difference_ci95[1], "against": first.state}
