"""A run's history: its events folded into what charts, pages and the command line read. No torch, no streamlit."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from metaplay.config import RunConfig, parse
from metaplay.events import (
    Changed,
    Checkpointed,
    Evaluated,
    Event,
    Paced,
    Probe,
    ProbeTask,
    Progress,
    RunEnded,
    RunStarted,
    StateChanged,
)

PROGRESS = ("step", "meta_loss", "loss_before", "loss_after", "metric_before", "metric_after", "outer_lr", "grad_norm")


@dataclass
class History:
    """Grows by `add`; a fold of the event log and nothing else, so a replay and a live run look the same.

    `config` is what the run goes by now, changes included; None before it started.
    """

    started: RunStarted | None = None
    config: RunConfig | None = None
    task: ProbeTask | None = None
    progress: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PROGRESS})
    probes: list[Probe] = field(default_factory=list)
    probe_seconds: list[float] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    pace: float | None = None
    evaluated: list[Evaluated] = field(default_factory=list)
    state: str = "queued"
    reason: str = ""
    prepared: float = 0.0
    seconds: float = 0.0
    tasks_per_second: float = 0.0
    checkpoint_step: int | None = None

    @property
    def step(self) -> int:
        """Meta-steps done."""
        return int(self.progress["step"][-1]) if self.progress["step"] else 0

    @property
    def ended(self) -> bool:
        return self.state in ("finished", "stopped", "failed")

    def add(self, events: Iterable[Event]) -> "History":
        """Fold in what is new, in the order of the log."""
        for event in events:
            match event:
                case RunStarted():
                    self._start(event)
                case ProbeTask():
                    self.task = event
                case Progress():
                    for name in PROGRESS:
                        self.progress[name].extend(getattr(event, name))
                    self.seconds, self.tasks_per_second = event.seconds, event.tasks_per_second
                case Probe():
                    self.probes.append(event)
                    self.probe_seconds.append(self.seconds)
                case Changed():
                    self._change(event)
                case Paced():
                    self.pace = event.pace
                case Evaluated():
                    self.evaluated.append(event)
                case StateChanged():
                    self.state, self.reason, self.prepared = event.state, event.reason, event.done
                case RunEnded():
                    self.state, self.reason = event.status, event.reason
                case Checkpointed():
                    self.checkpoint_step = event.step
        return self

    def _start(self, event: RunStarted) -> None:
        """A run that starts again takes back what came after its checkpoint (all, without one): those steps are run again."""
        self.started, self.config, self.pace = event, parse(event.config), None
        self.state, self.reason = "running", ""
        last = -1 if event.resumed_from is None else event.resumed_from
        keep = sum(step <= last for step in self.progress["step"])
        for name in PROGRESS:
            del self.progress[name][keep:]
        self.probes = [probe for probe in self.probes if probe.step <= last]
        del self.probe_seconds[len(self.probes) :]
        self.evaluated = [item for item in self.evaluated if item.step <= last]
        self.changes = [change for change in self.changes if change.step <= last]

    def _change(self, event: Changed) -> None:
        if self.config:
            self.config = parse({**self.config.model_dump(), **event.values})
        # One that is made again after a resumption has its place already.
        same = (event.step, event.values)
        self.changes = [change for change in self.changes if (change.step, change.values) != same] + [event]
