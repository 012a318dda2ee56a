"""The file that a typed episode is kept and shared as."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from metaplay.text import Text, UserError
from metaplay.ui.draw import files
from metaplay.ui.draw.episode import FEWEST, MOST
from metaplay.ui.draw.words.episode import LONGEST, NAME, SHOTS, Episode, Intent, problem

WHAT = Text("typed episode", "打字任务")
Name = Annotated[str, Field(max_length=NAME, pattern=r"^[^\r\n]*$")]
Sentence = Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\r\n]*$")]


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name
    sentences: Annotated[list[Sentence], Field(max_length=SHOTS)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    metaplay: Literal["typed episode 1"] = "typed episode 1"
    intents: Annotated[list[_Intent], Field(min_length=FEWEST, max_length=MOST)]
    query: Sentence = ""


def to_file(episode: Episode) -> bytes | None:
    """The file that `from_file` reads; None for intents that cannot be adapted to."""
    if problem(episode.intents):
        return None
    intents = [_Intent(name=name, sentences=sentences) for name, sentences in episode.intents]
    return _File(intents=intents, query=episode.query).model_dump_json().encode()


def from_file(data: bytes) -> Episode:
    """The episode in a file. Raises UserError, with one sentence, for a file that is not one, is too large, or whose intents
    cannot be adapted to."""
    found = files.read(data, _File, WHAT)
    episode = Episode([Intent(one.name.strip(), one.sentences) for one in found.intents], found.query)
    if wrong := problem(episode.intents):
        raise UserError(wrong)
    return episode
