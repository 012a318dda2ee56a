"""What is installed by itself, as most can do without: whether it is there, and what to say where it is not."""

from importlib.util import find_spec

from metaplay.registry.families import Family
from metaplay.text import Text, UserError

_LACKING = Text(
    "{family} needs what is not installed here ({modules}): run .venv/bin/python -m pip install -r requirements-rl.txt and start metaplay again.",
    "{family} 需要这里没有安装的库（{modules}）：请运行 .venv/bin/python -m pip install -r requirements-rl.txt，然后重新启动 metaplay。",
)


def lacking(family: Family) -> Text | None:
    """What has to be installed before the family can be used; None where all is there."""
    absent = [name for name in family.modules if find_spec(name) is None]
    return _LACKING.fill(family=family.label, modules=", ".join(absent)) if absent else None


def check_installed(family: Family) -> None:
    """Raises UserError where something has to be installed before the family can be used."""
    if problem := lacking(family):
        raise UserError(problem)
