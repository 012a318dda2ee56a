"""Words that a person reads, in English and in Chinese, side by side so that neither is forgotten."""

from typing import Literal, NamedTuple

Language = Literal["en", "zh"]


class Text(NamedTuple):
    """One sentence or label in both languages."""

    en: str
    zh: str

    def __call__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> "Text":
        """The same text with its `{placeholders}` filled in, in both languages; by a text, in each with that language's."""
        english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        chinese = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        return Text(self.en.format(**english), self.zh.format(**chinese))


_HEAD, _TAIL = 160, 1600
"""Characters of a sentence that are kept where somebody's words make it too long: it ends with what to do."""


class UserError(Exception):
    """Something a person can put right; its text says what is wrong and what to do. Shown without a traceback.

    What somebody wrote may stand in it: what of that cannot be seen, or would turn the text around, is marked, and no more is
    said than can be read.
    """

    def __init__(self, text: Text):
        self.text = Text(*map(_readable, text))
        super().__init__(self.text.en)

    def __reduce__(self) -> tuple[type["UserError"], tuple[Text]]:
        return type(self), (self.text,)


def _readable(said: str) -> str:
    if len(said) > _HEAD + _TAIL:
        said = f"{said[:_HEAD]}…{said[-_TAIL:]}"
    return printable(said)


def printable(text: str) -> str:
    """`text` with a mark in place of what cannot be seen: control characters, what turns text around, halves of characters."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "�" for letter in text)


_SECONDS = Text("{n} s", "{n} 秒")
_MINUTES = Text("{n} min", "{n} 分钟")
_HOURS = Text("{n} h", "{n} 小时")


def duration(seconds: float, language: Language) -> str:
    """A length of time in the unit that suits it."""
    if seconds < 90:
        return _SECONDS.fill(n=f"{seconds:.0f}")(language)
    if seconds < 90 * 60:
        return _MINUTES.fill(n=f"{seconds / 60:.0f}")(language)
    return _HOURS.fill(n=f"{seconds / 3600:.1f}")(language)
