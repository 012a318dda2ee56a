"""Pages of other sites cannot talk to a running server in a visitor's name: neither over its websocket nor by handing in files."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from metaplay.engine.client import Engine
from tests.browser.conftest import Server, serving

ROOT = Path(__file__).parents[2]
OUTWARDS = (
    "/app/static/../app.py", "/app/static/..%2fapp.py", "/app/static/%2e%2e/requirements.txt", "/app/static//etc/passwd", "/media/../app.py",
    "/component/x/../../app.py", "/~/+/../app.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("runs")) as running:
        yield running


def test_the_protections_are_on():
    program = "from streamlit import config as c; print(c.get_option('server.enableCORS'), c.get_option('server.enableXsrfProtection'))"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.split() == ["True", "True"]


def _answer(server: Server, origin: str) -> int:
    """The status that opening the websocket from a page of `origin` is answered with; 101 where it opens."""
    url = server.url.replace("http", "ws", 1) + "/_stcore/stream"
    try:
        with connect(url, origin=Origin(origin), open_timeout=20):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def test_a_websocket_opens_from_the_pages_own_site_only(server: Server):
    assert _answer(server, server.url) == 101
    assert _answer(server, "http://evil.test") == 403
    assert _answer(server, server.url.replace("127.0.0.1", "evil.test")) == 403


def _status(server: Server, path: str, method: str, **headers: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(server.url + path, b"x" if method != "GET" else None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_file_from_another_site_is_refused(server: Server, method: str):
    status, headers = _status(
        server, "/_stcore/upload_file/a/b", method, Origin="http://evil.test", Cookie="_streamlit_xsrf=made-up"
    )
    assert status in (403, 405)
    assert headers.get("Access-Control-Allow-Origin") not in ("*", "http://evil.test")


@pytest.mark.parametrize("path", OUTWARDS)
def test_no_path_leads_out_of_what_is_served(server: Server, path: str):
    host, port = server.url.removeprefix("http://").split(":")
    said = b""
    with socket.create_connection((host, int(port)), timeout=20) as link:  # other clients would tidy the path
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        while piece := link.recv(65_536):
            said += piece
    assert said.startswith(b"HTTP/1.1")
    assert not [word for word in (b"streamlit run app.py", b"root:", b"torch==") if word in said]


def test_what_the_engine_listens_on_is_not_to_be_reached_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Dask's processes unpickle what they are sent: nobody but this machine may send them anything."""
    monkeypatch.setenv("METAPLAY_RUNS", str(tmp_path))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with Engine():
        ours = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
        links = [link for one in (*ours, psutil.Process()) for link in one.net_connections("tcp")]
    listening = {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN}
    assert len(ours) >= 3, "a scheduler, a nanny and a worker"
    assert listening
    assert listening <= {"127.0.0.1", "::1"}
