"""No file, address or message can bring code along: nothing here unpickles, evaluates or hands text to a shell."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "app.py",
    ROOT / "play.py",
    *(file for folder in ("metaplay", "pages", "benchmarks") for file in (ROOT / folder).rglob("*.py")),
]
MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "marshal",
    "shelve",
    "yaml",
    "code",
    "codeop",
    "imp",
    "runpy",
    "jsonpickle",
}
"""What reads objects, or code, out of bytes."""
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
METHODS = {
    ("os", "system"), ("os", "popen"), ("torch", "load"), ("torch", "save"), ("torch.jit", "load"), ("torch.package", "PackageImporter"),
    ("pandas", "read_pickle"), ("pd", "read_pickle"), ("np", "fromregex"), ("distributed.protocol", "deserialize"), ("tempfile", "mktemp"),
}  # fmt: skip
SAID = {"np.load": ("allow_pickle", False), "numpy.load": ("allow_pickle", False), "np.save": ("allow_pickle", False)}
"""Calls that must say that they do not unpickle."""


def ways_in(source: str) -> Iterator[str]:
    """Each place of the source that could run what it reads."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        yield from (f"{node.lineno}: import {name}" for name in names if name.split(".")[0] in MODULES)  # type: ignore[attr-defined]
        if isinstance(node, ast.Call):
            yield from (f"{node.lineno}: {said}" for said in _wrong_calls(node))


def _wrong_calls(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    said = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    module, _, method = name.rpartition(".")
    if name in CALLS or (module, method) in METHODS:
        yield name
    if name in SAID and said.get(SAID[name][0]) != str(SAID[name][1]):
        yield f"{name} without {SAID[name][0]}=False"
    if said.get("shell", "False") != "False" or said.get("allow_pickle", "False") != "False":
        yield f"{name}(shell or allow_pickle)"
    if said.get("unsafe_allow_html", "False") != "False" or said.get("unsafe_allow_javascript", "False") != "False":
        yield f"{name} with HTML or scripts in Markdown"


def test_nothing_runs_what_it_reads():
    found = {file.relative_to(ROOT).as_posix(): list(ways_in(file.read_text(encoding="utf-8"))) for file in FILES}
    assert len(found) > 200
    assert not {file: ways for file, ways in found.items() if ways}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle", "from pickle import loads", "import yaml", "eval(x)", "exec(x)", "__import__(x)", "os.system(x)", "torch.load(x)",
        "torch.load(x, weights_only=True)", "np.load(x)", "np.load(x, allow_pickle=True)", "subprocess.run(x, shell=True)", "import joblib",
        "st.markdown(x, unsafe_allow_html=True)", "import marshal", "import shelve", "import cloudpickle.x", "st.html(x, unsafe_allow_javascript=True)",
    ],
)  # fmt: skip
def test_a_way_in_would_be_noticed(line: str):
    assert list(ways_in(line))


def test_scripts_of_the_pages_make_no_code_of_text():
    scripts = list((ROOT / "metaplay").rglob("*.js"))
    assert scripts
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        for way in (
            "eval(",
            "new Function",
            "document.write",
            "insertAdjacentHTML",
            "outerHTML",
            'setTimeout("',
            "srcdoc",
        ):
            assert way not in text, (script.name, way)
