"""The blocks of docs/hosting.md, run as they stand but for addresses, paths and ports."""

import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from metaplay.engine.client import Engine
from metaplay.settings import TABLE
from tests.browser.conftest import Server, serving
from tests.conftest import NEEDS_SERVERS
from tests.integration.engine.helpers import ROOT, place, short, until

PAGE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
NAME = "play.example.org"


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language; those that stand in a list are indented."""
    return [
        textwrap.dedent(found) for found in re.findall(rf"```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    ]


def block(language: str) -> str:
    (found,) = blocks(language)
    return found


def needs(program: str) -> str:
    return shutil.which(program) or pytest.skip(NEEDS_SERVERS)


def test_every_setting_that_it_names_is_one():
    named = set(re.findall(r"METAPLAY_\w+", PAGE))
    assert len(named) > 5
    assert named <= TABLE.keys()


def test_the_service_file_is_one(tmp_path: Path):
    program = needs("systemd-analyze")
    unit = tmp_path / "metaplay.service"
    text = block("ini").replace("User=metaplay", "User=root").replace("/srv/metaplay/.venv/bin/python", sys.executable)
    unit.write_text(text.replace("/srv/metaplay", str(ROOT)))
    done = subprocess.run([program, "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_starts_what_play_starts():
    command = shlex.split(re.search(r"^ExecStart=\S+ (.*)$", PAGE, re.MULTILINE)[1])  # type: ignore[index]
    assert command[:4] == ["-m", "streamlit", "run", "app.py"]
    known = options("streamlit", "run")
    assert all(word in known for word in command if word.startswith("--"))


def test_secrets_are_what_streamlit_reads():
    settings, login = (tomllib.loads(text) for text in blocks("toml"))
    assert settings.keys() <= TABLE.keys()
    assert {"redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"} == login[
        "auth"
    ].keys()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("hosted")) as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    chain, key = folder / "fullchain.pem", folder / "privkey.pem"
    command = [needs("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", chain]
    subprocess.run([*command, "-subj", f"/CN={NAME}"], check=True, capture_output=True)
    return chain, key


def test_pages_are_drawn_through_nginx(tmp_path: Path, server: Server, certificate: tuple[Path, Path]):
    port = free()
    text = block("nginx").replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("127.0.0.1:8501", server.url.removeprefix("http://"))
    for name, path in zip(("fullchain", "privkey"), certificate, strict=True):
        text = re.sub(rf"/\S*{name}.pem", str(path), text)
    temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    file = tmp_path / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    file.write_text(
        f"{user} pid {tmp_path}/pid; error_log {tmp_path}/error.log; daemon off; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/body; {temporary}\n{text}}}\n"
    )
    with running([needs("nginx"), "-c", str(file)], port):
        assert drawn(port)


def test_pages_are_drawn_through_caddy(tmp_path: Path, server: Server, certificate: tuple[Path, Path]):
    port = free()
    text = block("caddy").replace("127.0.0.1:8501", server.url.removeprefix("http://"))
    text = text.replace(f"{NAME} {{", f"https://{NAME}:{port} {{\n    tls {certificate[0]} {certificate[1]}")
    file = tmp_path / "Caddyfile"
    file.write_text(f"{{\n    admin off\n    auto_https disable_redirects\n}}\n{text}")
    command = [needs("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)]
    with running(command, port, XDG_DATA_HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path)):
        assert drawn(port)


def test_runs_train_on_the_cluster_of_the_page(tmp_path: Path):
    scheduler, worker, _ = blocks("sh")
    port = free()
    here = {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    scheduler, worker = (
        text.replace("8786", str(port)).replace("for gpu in 0 1", "for gpu in 0") for text in (scheduler, worker)
    )
    with running(["sh", "-c", scheduler], port, **here), running(["sh", "-c", worker], None, **here):
        chosen = place(tmp_path / "runs", scheduler=f"tcp://127.0.0.1:{port}")
        with Engine(chosen) as engine:
            run = engine.submit(short(steps=20))
            until(lambda: engine.store.state(run).ended)
            assert engine.store.state(run).state == "finished", engine.store.state(run).reason


def test_the_jobs_of_a_batch_system_start_such_workers():
    made: dict[str, object] = {}
    code = block("python").replace("cluster.scale(jobs=4)\n", "").replace('"port": 8786', '"port": 0')
    exec(compile(code, "hosting.md", "exec"), made)
    with made["cluster"] as cluster:  # type: ignore[attr-defined]
        script = cluster.job_script()
    assert "--nthreads 1" in script
    assert "--memory-limit 0" in script
    assert "MALLOC_TRIM_THRESHOLD_" in script


def test_the_pods_of_kubernetes_start_such_workers():
    made = yaml.safe_load(block("yaml"))["spec"]
    (worker,), (scheduler,) = (made[part]["spec"]["containers"] for part in ("worker", "scheduler"))
    for args in (worker["args"], scheduler["args"]):
        known = options(*args[:2])
        assert all(word in known for word in args if word.startswith("--"))
    assert worker["resources"]["limits"]["nvidia.com/gpu"] == 1


def options(*command: str) -> str:
    """What a command says that it takes."""
    return subprocess.run([sys.executable, "-m", *command, "--help"], check=True, capture_output=True, text=True).stdout


def free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(command: list[str], port: int | None, **environment: str) -> Iterator[None]:
    """A program with all that it starts, from when it listens until the context ends."""
    process = subprocess.Popen(
        command, env=os.environ | environment, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        if port is not None:
            _wait(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None, "it ended at once"
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(reached: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def drawn(port: int) -> bool:
    """Whether the first page is drawn for a browser that comes by TLS, under the name that the certificate has."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    address = f"{NAME}:{port}"
    message, asked = ForwardMsg(), BackMsg()
    asked.rerun_script.query_string = ""
    with connect(
        f"wss://{address}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", port)),
        ssl=trust,
        origin=f"https://{address}",  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    ) as connection:
        connection.send(asked.SerializeToString())
        while message.WhichOneof("type") != "script_finished":
            message.ParseFromString(connection.recv(timeout=100, decode=False))
    return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
