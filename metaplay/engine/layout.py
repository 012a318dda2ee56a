"""The version of a store's layout, in <root>/.version: an older store is brought forward, a newer one is not touched. No torch."""

from collections.abc import Callable
from pathlib import Path

from metaplay.engine.store import write_whole, writing
from metaplay.text import Text, UserError

VERSION = 1
STEPS: dict[int, Callable[[Path], None]] = {}
"""What brings a store of a version to the next one. A store without a version is of the first."""
_FIRST = 1


def bring_forward(root: Path) -> int:
    """Bring the store at `root` to this version, a version at a time, and return the one that it had.

    A step that is broken off is done again. Raises UserError if a newer metaplay keeps its runs there, or if it cannot be written.
    """
    found = version(root)
    if found > VERSION:
        raise UserError(
            Text(
                "The runs in {root} were kept by a newer metaplay (layout {found}, this one knows {known}): update metaplay, or set "
                "METAPLAY_RUNS to another folder.",
                "{root} 中的训练由更新版本的 metaplay 保存（布局 {found}，本版本只认识 {known}）：请更新 metaplay，或把 METAPLAY_RUNS 设为其他文件夹。",
            ).fill(root=root, found=found, known=VERSION)
        )
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        for before in range(found, VERSION):
            STEPS[before](root)
            _write(root, before + 1)
        if not _file(root).exists():
            _write(root, VERSION)
    return found


def version(root: Path) -> int:
    """The version of the store's layout. Raises UserError if what stands there is none."""
    try:
        said = _file(root).read_text().strip()
    except FileNotFoundError:
        return _FIRST
    if not said.isdigit():
        raise UserError(
            Text(
                "{file} does not hold a number: delete it if no newer metaplay keeps its runs there.",
                "{file} 的内容不是数字：如果没有更新版本的 metaplay 在那里保存训练，请删除它。",
            ).fill(file=_file(root))
        )
    return int(said)


def _write(root: Path, number: int) -> None:
    write_whole(_file(root), str(number).encode())


def _file(root: Path) -> Path:
    return root / ".version"
