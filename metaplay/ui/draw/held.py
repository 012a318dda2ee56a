"""What a session has drawn. It outlives the page: who comes back finds the drawings again."""

from dataclasses import dataclass, field

import streamlit as st

from metaplay.ui.draw.episode import MOST, Drawings, Episode


def _blank() -> Drawings:
    return Drawings(drawings=[])


@dataclass
class Held:
    """The sheets of a session: MOST classes, of which the first `way` are in use, and the queries.

    `version` changes when Python puts other drawings on the sheets; what the browser says of an earlier version is void.
    """

    way: int = 3
    version: int = 1
    classes: list[Drawings] = field(default_factory=lambda: [_blank() for _ in range(MOST)])
    queries: Drawings = field(default_factory=_blank)

    def put(self, episode: Episode) -> None:
        """Replace all that is drawn."""
        self.way, self.version = episode.way, self.version + 1
        self.classes = [Drawings(drawings=drawings) for drawings in episode.classes]
        self.classes += [_blank() for _ in range(MOST - self.way)]
        self.queries = Drawings(drawings=episode.queries)

    def episode(self) -> Episode:
        """What is drawn now."""
        classes = [sheet.drawings for sheet in self.classes[: self.way]]
        return Episode.model_construct(classes=classes, queries=self.queries.drawings)


def held() -> Held:
    """This session's drawings."""
    return st.session_state.setdefault("draw-held", Held())
