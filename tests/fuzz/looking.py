"""Everything that pages, exports and the command line make of a run, whatever its log says."""

from metaplay.charts import more, offered, race, views
from metaplay.charts.runners import runners
from metaplay.charts.style import as_json
from metaplay.engine import labels, listing, spreadsheets
from metaplay.engine.listing import Listing
from metaplay.engine.store import RunStore
from metaplay.history import History
from metaplay.text import Language
from metaplay.ui import player, status
from metaplay.ui.library import comparison, rows


def look(store: RunStore, run: str, language: Language = "en") -> None:
    """Look at the run in all ways that there are."""
    config, history, listed = store.config(run), store.history(run), Listing(store)
    (row,) = (row for row in listed.rows() if row.run == run)
    assert row.state == listing.standing(store, run)
    for order in ("name", "-result", "curve", "duration", "state"):
        assert rows.chosen([row, row], rows.Wanted(), order)
    rows.row(row, listed.curve(run), language)
    _words(history, language)
    _figures(history, language)
    events, _ = store.tail(run)
    film = player.Film(events)
    _words(film.history(player.FRAMES // 2), language)
    assert film.seconds >= 0
    field = runners([config, config], [history, history], language)
    for along in ("step", "seconds", "gradients"):
        as_json(race.curves(field, along, language, "dark", comparison._TITLE(language)))
        race.alt(field, along, language)
    comparison._rows(field, language)
    for table in (spreadsheets.results, spreadsheets.training, spreadsheets.probes):
        assert table(history)
    assert labels.read(store, run)


def _words(history: History, language: Language) -> None:
    status.state(history, language)
    status.result(history, language)
    status.trouble(history, language)
    assert 0 <= status.share_done(history) <= 1
    status.differences(history, {}, language)


def _figures(history: History, language: Language) -> None:
    shown = views(history, language, "light")
    shown += [more(name, history, language, "light") for name in (offered(history.config) if history.config else [])]
    for view in shown:
        as_json(view.figure)
        assert view.alt
