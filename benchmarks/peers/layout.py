"""Between metaplay's shapes of weights and those of torch's layers. Plain numpy."""

from benchmarks.peers.problem import Array, Arrays


def to_torch(params: Arrays) -> Arrays:
    """Convolutions [9 * C, O] (by row, column, channel) become [O, C, 3, 3], linear layers [I, O] become [O, I]."""
    return {name: _to_torch(name, value) for name, value in params.items()}


def from_torch(params: Arrays) -> Arrays:
    """The way back."""
    return {name: _from_torch(name, value) for name, value in params.items()}


def _to_torch(name: str, value: Array) -> Array:
    if name.startswith("conv"):
        return value.reshape(3, 3, -1, value.shape[1]).transpose(3, 2, 0, 1).copy()
    return value.T.copy() if _is_linear(name) else value


def _from_torch(name: str, value: Array) -> Array:
    if name.startswith("conv"):
        return value.transpose(2, 3, 1, 0).reshape(-1, value.shape[0])
    return value.T if _is_linear(name) else value


def _is_linear(name: str) -> bool:
    return name.endswith("weight")
