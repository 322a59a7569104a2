"""The server that `make run` starts."""

import http.client
import signal
import socket
import subprocess
import sys
import time

import pytest

from ledger.config import ROOT

CODE = "ABCD-EFGH-JKMN-PQRS-7"


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def server(tmp_path, port, database_url):
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"],
            cwd=ROOT,
            env={
                "PORT": str(port),
                "LEDGER_INSTANCE": str(tmp_path / "instance"),
                "LEDGER_DATABASE_URL": database_url,
                "LEDGER_WORKERS": "1",
            },
            stdout=log,
            stderr=log,
        )
    yield process
    process.kill()
    process.wait()


def ask(port, address):
    """Return the status of `address`, waiting up to 20 s for the server to come up."""
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", address)
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError


def test_it_serves_says_where_and_logs_no_code(server, port, tmp_path):
    assert ask(port, "/healthz") == 200
    assert ask(port, f"/trace/{CODE}") == 404
    assert ask(port, f"/no/such/page?code={CODE}") == 404
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    log = (tmp_path / "log").read_text()
    assert f"http://127.0.0.1:{port}/" in log
    assert "GET /healthz 200" in log
    assert "JKMN" not in log
