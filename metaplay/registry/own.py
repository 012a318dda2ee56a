"""The task families that people brought: they come and go while the program runs, so they are looked up each time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from metaplay.owndata.about import NAME, PREFIX, About, about, names
from metaplay.registry.families import VECTORS, Family
from metaplay.text import Text

_OWN_IMAGES = "metaplay.tasks.own:OwnImages"
_OWN_VECTORS = "metaplay.tasks.vectors:VectorFamily"
_BOUNDLESS = 1_000_000
_IMAGES = Text(
    "Your own images: {examples:,} in {classes} classes, {fewest} or more of each.",
    "你自己的图像：{classes} 个类别共 {examples:,} 张，每类至少 {fewest} 张。",
)
_TEXT = Text(
    "Your own sentences: {examples:,} with {classes} labels, {fewest} or more of each.",
    "你自己的文本：{classes} 个标签共 {examples:,} 条，每个标签至少 {fewest} 条。",
)
_GONE = Text(
    "Somebody's own data that are not here: add them again on the page Your data.",
    "这里没有这些自有数据：请在“我的数据”页面重新添加。",
)


class Families(Mapping[str, Family]):
    """The families that metaplay knows, and after them the sets of one's own that are here now, each as `own:NAME`.

    What ran on a set that is gone can still be looked at: its family is found, though it is not among those that are listed.
    """

    def __init__(self, known: Mapping[str, Family]):
        self._known = known

    def __getitem__(self, name: str) -> Family:
        if name in self._known:
            return self._known[name]
        own = name.removeprefix(PREFIX)
        if own == name or not NAME.fullmatch(own):
            raise KeyError(name)
        found = about(own)
        return self._gone(own) if found is None else self._own(own, found)

    def __iter__(self) -> Iterator[str]:
        yield from self._known
        yield from (PREFIX + name for name in names())

    def __len__(self) -> int:
        return len(self._known) + len(names())

    def _own(self, name: str, found: About) -> Family:
        """As the built-in family of its kind, with classes of its own."""
        images = found.kind == "images"
        like, said = (self._known["strokes"], _IMAGES) if images else (self._known["everyday"], _TEXT)
        summary = said.fill(examples=found.examples, classes=len(found.classes), fewest=found.fewest)
        if found.dims:
            like = replace(like, networks=("mlp",), defaults={**like.defaults, **VECTORS}, dims=found.dims)
        return replace(
            like,
            label=name,
            target=_OWN_IMAGES if images else _OWN_VECTORS if found.dims else like.target,
            summary=summary,
            fields=tuple(field for field in like.fields if field != "hold_out"),
            classes=found.sizes(),
            images={"all": found.fewest},
            shape=(found.channels, found.side, found.side) if images else like.shape,
        )

    def _gone(self, name: str) -> Family:
        """Whatever a set of that name may have been, its runs can be read."""
        images, text = self._known["strokes"], self._known["everyday"]
        return replace(
            images,
            label=name,
            target=_OWN_IMAGES,
            summary=_GONE,
            fields=(*images.fields, "out_of_scope"),
            networks=(*images.networks, *text.networks, "mlp"),
            classes=dict.fromkeys(images.classes, _BOUNDLESS),
            images={"all": _BOUNDLESS},
            shape=(0, 0, 0),
        )
