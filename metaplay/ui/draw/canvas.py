"""A sheet to draw on, by mouse, pen or finger: a canvas for the drawing at hand, and thumbnails of all drawings of the sheet."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from streamlit.components.v2 import component

from metaplay.text import Language, Text
from metaplay.ui.draw.episode import Drawings

_HERE = Path(__file__).parent
_ICONS = {
    "undo": '<path d="M9 14 4 9l5-5"/><path d="M4 9h10a6 6 0 0 1 0 12h-3"/>',
    "clear": '<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6"/>',
    "another": '<path d="M12 5v14M5 12h14"/>',
}
_TOOLS = "".join(
    f'<button type="button" class="{name}"><svg viewBox="0 0 24 24" aria-hidden="true">{icon}</svg></button>'
    for name, icon in _ICONS.items()
)
_HTML = f"""
<div class="sheet">
<div class="tools"><span class="name"></span><span class="count"></span>{_TOOLS}</div>
<div class="paper"><canvas tabindex="0" role="img"></canvas><div class="hint" aria-hidden="true"></div></div>
<ol class="kept"></ol>
</div>
"""
_COMPONENT = component(
    "metaplay_canvas",
    html=_HTML,
    css=(_HERE / "canvas.css").read_text(),
    js=(_HERE / "canvas.js").read_text(),
)
_WORDS = {
    "undo": Text("Take the last stroke back", "撤销最后一笔"),
    "clear": Text("Clear this drawing", "清空这幅画"),
    "another": Text("Draw another one", "再画一个"),
    "open": Text("Show drawing {n}", "显示第 {n} 幅"),
    "remove": Text("Remove drawing {n}", "删除第 {n} 幅"),
}


@dataclass(frozen=True)
class Sheet:
    """A sheet before it is drawn on: its short name, what it is for (said to screen readers), what its empty canvas says, how
    many drawings it takes, and whether it asks (queries) rather than tells (examples)."""

    name: str
    label: str
    hint: str
    limit: int
    asks: bool = False


def canvas(sheet: Sheet, held: Drawings, version: int, language: Language, *, key: str) -> Drawings:
    """Draw the sheet; what is on it now. `held` is put on it when it is new to the page and whenever `version` changes."""
    # No list or dictionary within it: of one Streamlit asks pandas whether it is a table (ui/feed.py).
    data: dict[str, Any] = {
        "version": version,
        "drawings": tuple(held.drawings),
        "current": held.current,
        "name": sheet.name,
        "label": sheet.label,
        "limit": sheet.limit,
        "asks": sheet.asks,
        "words": json.dumps({name: text(language) for name, text in _WORDS.items()} | {"hint": sheet.hint}),
    }
    result = _COMPONENT(key=key, data=data, on_sheet_change=_nothing, width="stretch", height="content")
    return _valid(result.sheet, held, version)


_nothing: Callable[[], None] = lambda: None  # noqa: E731 (only a state that has a callback is told of at once)


def _valid(told: Any, held: Drawings, version: int) -> Drawings:
    """What the browser told, if it is of this version and a sheet of drawings at all."""
    if not told or told.get("version") != version:
        return held
    try:
        return Drawings.model_validate(told)
    except ValidationError:
        return held
