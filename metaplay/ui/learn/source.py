"""The algorithms' own source, read as text from the files that run: the server never imports them (they bring torch)."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

_PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Excerpt:
    """A function or class as it stands in its file: the file from the project's root, its lines, and the code without indentation."""

    file: str
    name: str
    first: int
    last: int
    code: str


@cache
def excerpt(file: str, name: str) -> Excerpt:
    """The function, class or method `name` (as `Class.method`) of a file below `metaplay/`. Raises LookupError if it isn't there."""
    text = (_PACKAGE / file).read_text()
    found = _find(ast.parse(text), name.split("."))
    if found is None:
        raise LookupError(f"{file} has no {name}")
    first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
    last = found.end_lineno or found.lineno
    code = dedent("\n".join(text.splitlines()[first - 1 : last]))
    return Excerpt(f"{_PACKAGE.name}/{file}", name, first, last, code)


def _find(tree: ast.AST, names: list[str]) -> ast.FunctionDef | ast.ClassDef | None:
    """The definition at the end of a chain of names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == names[0]:
            return node if len(names) == 1 else _find(node, names[1:])
    return None
