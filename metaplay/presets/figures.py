"""Published figures, each read in the text of its source; none from memory. What is not here is not verified.

Omniglot: accuracy over new characters. Sinusoid: mean squared error after adaptation, from independent re-implementations,
as the papers give curves only.
"""

from metaplay.presets.base import Paper

_OMNIGLOT = {
    "maml": ("Finn et al. 2017", {"5w1s": "98.7 ± 0.4", "5w5s": "99.9 ± 0.1", "20w1s": "95.8 ± 0.3", "20w5s": "98.9 ± 0.2"}),
    "fomaml": ("Nichol et al. 2018", {"5w1s": "98.3 ± 0.5", "5w5s": "99.2 ± 0.2", "20w1s": "89.4 ± 0.5", "20w5s": "97.9 ± 0.1"}),
    "mamlpp": ("Antoniou et al. 2019", {"5w1s": "99.47", "5w5s": "99.93"}),
    "reptile": (
        "Nichol et al. 2018",
        {"5w1s": "95.39 ± 0.09", "5w5s": "98.90 ± 0.10", "20w1s": "88.14 ± 0.15", "20w5s": "96.65 ± 0.33"},
    ),
    "reptile-transductive": (
        "Nichol et al. 2018",
        {"5w1s": "97.68 ± 0.04", "5w5s": "99.48 ± 0.06", "20w1s": "89.43 ± 0.14", "20w5s": "97.12 ± 0.32"},
    ),
    "anil": ("Raghu et al. 2020", {"20w1s": "96.2", "20w5s": "98.0"}),
    "metasgd": ("Li et al. 2017", {"5w1s": "99.53 ± 0.26", "5w5s": "99.93 ± 0.09", "20w1s": "95.9", "20w5s": "99.0"}),
}  # fmt: skip

_SINUSOID = {
    "k10": ("63days/Meta-SGD on GitHub", {"maml": "0.67", "metasgd": "0.31"}),
    "k5": (
        "a JAX re-implementation for EPFL's CS-439",
        {"maml": "0.72", "fomaml": "0.81", "metasgd": "0.46", "reptile": "1.3"},
    ),
}

FIGURES: dict[str, Paper] = {
    **{
        f"omniglot-{setting}-{row}": Paper(f"{figure} %", source)
        for row, (source, figures) in _OMNIGLOT.items()
        for setting, figure in figures.items()
    },
    **{
        f"sinusoid-{points}-{algorithm}": Paper(figure, source)
        for points, (source, figures) in _SINUSOID.items()
        for algorithm, figure in figures.items()
    },
}
"""By setting and row of the table: `omniglot-5w1s-reptile-transductive`, `sinusoid-k10-maml`."""
