"""Returns are told as returns: standings are of costs, and a page that forgot it would call the better run the worse."""

from metaplay.charts.runners import Standing, runners, standings
from metaplay.events import Evaluated
from metaplay.history import History
from metaplay.ui.library.comparison import told
from metaplay.ui.race.results import _row
from tests.unit.charts.synthetic import run


def _tested(algorithm: str, shift: float) -> History:
    history = run(algorithm, "nav2d", 3)
    cost = [12.0 + shift, 10.0 + shift, 14.0 + shift]
    mean = [-40.0, -sum(cost) / 3]
    values = {"step": 3, "split": "test", "metric": "return", "tasks": 3, "transductive": False}
    return history.add([Evaluated(**values, mean=mean, ci95=[1.0, 1.0], per_task=cost)])  # type: ignore[arg-type]


def test_a_higher_return_is_a_gain():
    standing = Standing(3, 3, True, 10.0, 1.0, -2.0, 0.5)
    assert told(standing, "return", "en") == "+2 ± 0.5 (sure)"
    assert told(standing, "mse", "en") == "−2 ± 0.5 (sure)"


def test_the_table_of_a_race_has_returns():
    histories = [_tested("maml", 0.0), _tested("fomaml", 3.0)]
    configs = [history.config for history in histories if history.config]
    field = runners(configs, histories, "en")
    found = standings(field)
    first, second = (_row(one, standing, field[0], "en", True) for one, standing in zip(field, found, strict=True))
    assert first["Return"].startswith("−12 ± ")
    assert second["Return"].startswith("−15 ± ")
    assert second[f"Difference to {field[0].name}"] == "−3 ± 0"
