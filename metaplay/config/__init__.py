"""RunConfig: the one description of a run. The form, the command line, share links, presets and run folders all read it."""

from metaplay.config.changing import CHANGEABLE, changeable, changed, fixed
from metaplay.config.checks import TABLES, ConfigError, applicable
from metaplay.config.chunks import tasks_at_once
from metaplay.config.cost import gradient_evaluations
from metaplay.config.making import defaults, parse, revise, summary, switched
from metaplay.config.memory import advice, no_room, step_memory, training_memory
from metaplay.config.run import EPOCHS, RunConfig, bounds, control

__all__ = [
    "CHANGEABLE",
    "EPOCHS",
    "TABLES",
    "ConfigError",
    "RunConfig",
    "advice",
    "applicable",
    "bounds",
    "changeable",
    "changed",
    "control",
    "defaults",
    "fixed",
    "gradient_evaluations",
    "no_room",
    "parse",
    "revise",
    "step_memory",
    "summary",
    "switched",
    "tasks_at_once",
    "training_memory",
]
