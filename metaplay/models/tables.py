"""A table of vectors of which a task's examples touch few rows: these as copies of each task's own, all others shared.

Ordinary training moves a row only where an example has it, so a task needs no table of its own: T tables are most of the memory
and time of an inner step otherwise.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from metaplay.models.base import Params, copies


def parts(name: str) -> tuple[str, str, str]:
    """The names of a table's parts: the one that all tasks share, [B, D]; the rows that each task has for itself, [T, U, D]; and
    [T, B], which of these stands in the place of each row, -1 where the shared one does."""
    return f"{name}.weight", f"{name}.own", f"{name}.place"


def spread(name: str, params: Params, rows: Tensor) -> Params:
    """A copy of the parameters for each task, [T, ...]; of the table called `name`, of its `rows` [T, N] only."""
    table = params[f"{name}.weight"].clone()
    others = {key: value for key, value in params.items() if key != f"{name}.weight"}
    touched = torch.zeros(len(rows), len(table), dtype=torch.bool, device=rows.device).scatter_(1, rows, value=True)
    place = torch.where(touched, touched.cumsum(1) - 1, -1)
    own = table.new_zeros(len(rows), int(place.max()) + 1, table.shape[1])
    task, row = touched.nonzero(as_tuple=True)
    own[task, place[task, row]] = table[row]
    return {**copies(others, len(rows)), **dict(zip(parts(name), (table, own, place), strict=True))}


def mean(name: str, fast: Params) -> Params:
    """The mean over tasks of what `spread` gave, without a task dimension."""
    table, own, place = (fast[key] for key in parts(name))
    others = {key: value.mean(0) for key, value in fast.items() if key not in parts(name)}
    task, row = (place >= 0).nonzero(as_tuple=True)
    moved = own[task, place[task, row]] - table[row]
    return {**others, f"{name}.weight": table.index_add(0, row, moved, alpha=1 / len(place))}


def whole(name: str, fast: Params) -> Params:
    """What `spread` gave, with a table [T, B, D] for each task; other parameters as they are."""
    if f"{name}.place" not in fast:
        return fast
    table, own, place = (fast[key] for key in parts(name))
    others = {key: value for key, value in fast.items() if key not in parts(name)}
    tables = table.expand(len(place), *table.shape).clone()
    task, row = (place >= 0).nonzero(as_tuple=True)
    tables[task, row] = own[task, place[task, row]]
    return {**others, f"{name}.weight": tables}


def looked_up(name: str, params: Params, rows: Tensor, weights: Tensor) -> Tensor:
    """`summed` of a table, parted or not."""
    table = params[f"{name}.weight"]
    if f"{name}.place" not in params:
        return summed(table, rows, weights)
    own, place = params[f"{name}.own"], params[f"{name}.place"]
    rows, weights = (part.expand(len(place), -1, -1) for part in (rows, weights))
    places = place.gather(1, rows.flatten(1)).view(rows.shape)
    mine = places >= 0
    found = summed(own, places.clamp(min=0), weights * mine)
    return found if mine.all() else found + summed(table, rows, weights * ~mine)


def summed(table: Tensor, rows: Tensor, weights: Tensor) -> Tensor:
    """Rows [T (or 1), N, L] of a table [(T,) B, D] times their weights, summed: [T, N, D]."""
    if table.dim() > 2:  # a table for each task: one long table
        rows = rows + table.shape[1] * torch.arange(len(table), device=table.device).view(-1, 1, 1)
        weights = weights.expand(rows.shape)
        table = table.flatten(0, 1)
    found = F.embedding_bag(rows.flatten(0, 1), table, mode="sum", per_sample_weights=weights.flatten(0, 1).to(table))
    return found.view(*rows.shape[:2], -1)
