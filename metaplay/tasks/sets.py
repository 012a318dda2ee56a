"""All data sets that come with names of their own, images and sentences alike: whether each is here, and preparing it. No torch."""

from metaplay.registry import BUILT_IN
from metaplay.settings import settings
from metaplay.tasks import cache, sentences
from metaplay.tasks.cache import Progress, Status
from metaplay.text import Text

NAMES = tuple(name for name, family in BUILT_IN.items() if family.classes)
"""The families that need a data set."""

_TEXT_WORDS = {
    "ready": Text("ready", "已就绪"),
    "download": Text("downloaded when first used, with a network", "首次使用时联网下载"),
}


def status(name: str) -> Status:
    """How the set is to be had. Quick; touches no network."""
    family = BUILT_IN[name]
    if not family.text:
        return cache.status(name)
    where = sentences.found(name)
    state = "ready" if where else "download"
    size = sum(file.stat().st_size for file in where.iterdir() if file.is_file()) if where else 0
    return Status(state, sum(family.classes.values()), size, where or settings().data, _TEXT_WORDS[state])


def prepare(name: str, progress: Progress | None = None) -> None:
    """Make the set ready now; downloads it if it is not here. Raises UserError as reading it does."""
    if BUILT_IN[name].text:
        sentences.sentences(name, progress)
    else:
        cache.prepare(name, progress)
