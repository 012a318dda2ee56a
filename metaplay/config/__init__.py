"""RunConfig: the one description of a run. The form, the command line, share links, presets and run folders all read it."""

from metaplay.config.checks import TABLES, ConfigError, applicable
from metaplay.config.making import defaults, parse, revise, summary, switched
from metaplay.config.run import EPOCHS, RunConfig, bounds, control

__all__ = [
    "EPOCHS",
    "TABLES",
    "ConfigError",
    "RunConfig",
    "applicable",
    "bounds",
    "control",
    "defaults",
    "parse",
    "revise",
    "summary",
    "switched",
]
