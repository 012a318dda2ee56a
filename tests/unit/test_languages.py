"""No string is left untranslated: the two halves of every text belong together, and the pages show nothing but texts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2}")
SAID = {
    "badge", "button", "caption", "checkbox", "download_button", "error", "expander", "file_uploader", "header", "info",
    "link_button", "markdown", "metric", "multiselect", "number_input", "page_link", "pills", "popover", "progress", "radio",
    "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status", "subheader", "success", "tab", "tabs",
    "text", "text_area", "text_input", "title", "toast", "toggle", "warning", "write",
}  # fmt: skip
"""What streamlit shows the first argument of."""
SHOWN = {"label", "help", "placeholder", "body", "text", "title"}


def _calls(*folders: str) -> Iterator[tuple[str, ast.Call]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def _literal(node: ast.expr) -> str | None:
    """The text of a string literal, of an f-string without its values; None for all else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
    return None


def _in_latin(chinese: str) -> bool:
    """Whether it has words, and all of them in Latin letters, without its gaps."""
    bare = re.sub(r"{[^}]*}", "", chinese)
    return WORD.search(bare) is not None and not CHINESE.search(bare)


def _texts() -> list[tuple[str, str, str]]:
    """Where, English and Chinese of every `Text(...)` that is written out."""
    found = []
    for place, call in _calls("metaplay"):
        if isinstance(call.func, ast.Name) and call.func.id == "Text" and len(call.args) == 2:
            english, chinese = map(_literal, call.args)
            if english is not None and chinese is not None:
                found.append((place, english, chinese))
    return found


def test_every_text_is_in_both_languages():
    texts = _texts()
    assert len(texts) > 300
    names = {english for _, english, chinese in texts if english == chinese}
    odd = [
        place
        for place, english, chinese in texts
        if CHINESE.search(english) or (chinese != english and _in_latin(chinese))
    ]
    assert odd == []
    long = sorted(name for name in names if re.search(r"[a-z]{2,} [a-z]", name))
    assert long == []


def test_both_languages_have_the_same_gaps_to_fill():
    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    plain = [item for item in _texts() if "{" in item[1] + item[2] and "\\" not in item[1]]
    assert [place for place, english, chinese in plain if gaps(english) != gaps(chinese)] == []


def test_the_pages_show_no_words_but_texts():
    bare = []
    for place, call in _calls("metaplay/ui", "pages"):
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in SAID):
            continue
        shown = [*call.args[:1], *(word.value for word in call.keywords if word.arg in SHOWN)]
        for item in shown:
            # Icons, colours and tags are for Streamlit to read.
            words = re.sub(
                r":[a-z/_-]+:|:[a-z-]+\[|<[^>]*>|pages/\w+\.py|`[^`]*`|https?://\S+", "", _literal(item) or ""
            )
            if WORD.search(words) and not CHINESE.search(words):  # one line may say it in both languages
                bare.append(f"{place}: {words}")
    assert bare == []
