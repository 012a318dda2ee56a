"""The walls between the packages: the contracts in pyproject.toml hold, and each of them would notice a breach."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TORCH_SIDE = (
    "algorithms",
    "models",
    "tasks",
    "training",
    "verify",
    "environments.py",
    "episodes.py",
    "engine/worker.py",
    "engine/checkpoint.py",
    "engine/acted.py",
    "engine/adapting.py",
    "engine/answers.py",
    "engine/crossing.py",
    "engine/drawn.py",
    "engine/lab.py",
    "engine/restoring.py",
    "engine/shipping.py",
    "engine/starting.py",
    "engine/typed.py",
)
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True, cache_dir=None))"

BREACHES = [
    ("charts/style.py", "import streamlit", "knows streamlit BROKEN"),
    ("engine/store.py", "import streamlit", "knows streamlit BROKEN"),
    ("config/run.py", "import torch", "never leads to torch BROKEN"),
    ("engine/client.py", "from metaplay.engine import worker", "never leads to torch BROKEN"),
    ("charts/style.py", "from metaplay.episodes import Episodes", "never leads to torch BROKEN"),
    ("tasks/sinusoid.py", "from metaplay.algorithms import maml", "know nothing of each other BROKEN"),
    ("algorithms/maml.py", "from metaplay.engine import store", "know nothing of each other BROKEN"),
    ("training/train.py", "from metaplay.engine import store", "know nothing of each other BROKEN"),
    ("engine/store.py", "from metaplay.charts import style", "know nothing of each other BROKEN"),
    ("engine/store.py", "from metaplay.reproduce import tables", "know nothing of each other BROKEN"),
    ("presets/base.py", "import torch", "never leads to torch BROKEN"),
    ("config/making.py", "from metaplay import presets", "know nothing of each other BROKEN"),
    ("surplus.py", "", "surplus"),
]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_walls_stand():
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(("file", "line", "noticed"), BREACHES, ids=[f"{file}: {line}" for file, line, _ in BREACHES])
def test_a_breach_is_noticed(tmp_path: Path, file: str, line: str, noticed: str):
    shutil.copytree(ROOT / "metaplay", tmp_path / "metaplay", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "metaplay" / file).open("a") as code:
        code.write(f"\n{line}\n")
    linted = _lint(tmp_path)
    assert linted.returncode == 1
    assert noticed in " ".join(linted.stdout.split())


def test_pages_alter_runs_as_visitors_only():
    """What a page does past metaplay.engine.visiting, no rule about visitors holds for."""
    past = re.compile(
        r"engine\(\)\.(submit|control|change|slow|ask|store\.(delete|create|append))|labels\.write\(|bundle\.unpack\("
        r"|storing\.(keep|remove)\(|\bstore\.(delete|create|append)\b|\border\("
    )
    files = [*(ROOT / "metaplay/ui").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    assert [f"{file.name}: {found[0]}" for file in files for found in past.finditer(file.read_text())] == []


def _without_torch(program: str) -> None:
    check = "import sys; held = {'torch', 'torchvision', 'safetensors'} & set(sys.modules); sys.exit(str(held) if held else 0)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{check}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_servers_process_holds_no_torch():
    files = [file.relative_to(ROOT / "metaplay").as_posix() for file in (ROOT / "metaplay").rglob("*.py")]
    ours = sorted(file for file in files if not file.startswith((*TORCH_SIDE, "__main__")))
    modules = ["metaplay." + file.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for file in ours]
    assert {"metaplay.engine.client", "metaplay.ui.playground", "metaplay.cli.main"} <= set(modules)
    _without_torch("import " + ", ".join(module for module in modules if module != "metaplay.__init__"))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["presets"], ["runs", "list"], ["train", "sinusoid-maml", "--steps", "0"]]
)
def test_what_trains_nothing_waits_for_no_torch(arguments: list[str]):
    _without_torch(f"from metaplay.cli import main; main({arguments})")
