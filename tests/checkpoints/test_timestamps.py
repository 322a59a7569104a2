"""Timestamps of a local RFC 3161 authority made with OpenSSL: taken, verified, and refused when they do not hold."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from ledger.checkpoints.clock import Clock
from ledger.checkpoints.logs import Logs
from ledger.checkpoints.sign import newest_head
from ledger.checkpoints.tables import timestamps
from ledger.checkpoints.timestamps import TimestampError, add_timestamp, roots_in, verify_timestamp
from tests.support.small import Small

CONFIG = """
[tsa]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""
EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True, **more).stdout


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A timestamp authority on this machine; its address and the folder with its certificates."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "ext.cnf").write_text(EXTENSIONS)
    (folder / "serial").write_text("01\n")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    ca = ["-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem"), "-subj", "/CN=Test root", "-days", "9"]
    openssl("req", "-x509", *new, *ca)
    openssl("req", *new, "-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.csr"), "-subj", "/CN=Test TSA")
    signing = ["-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key"), "-CAcreateserial", "-days", "9"]
    made = ["-in", str(folder / "tsa.csr"), "-out", str(folder / "tsa.pem"), "-extfile", str(folder / "ext.cnf")]
    openssl("x509", "-req", *made, *signing)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            config = ["-config", str(folder / "tsa.cnf"), "-section", "tsa"]
            data = openssl("ts", "-reply", "-queryfile", str(query), *config)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/tsa", folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def logs(settings, engine, small):
    made = Logs(settings.instance, settings.public_url)
    made.sign(engine, "b")
    return made


def stored(engine):
    with engine.connect() as connection:
        return connection.execute(select(timestamps)).all()


def test_a_checkpoint_is_stamped_once_and_the_stamp_holds(engine, logs, authority):
    url, folder = authority
    roots = roots_in(folder / "ca.pem")
    at = add_timestamp(engine, "b", url, roots)
    assert add_timestamp(engine, "b", url, roots) is None
    (row,) = stored(engine)
    with engine.connect() as connection:
        text = newest_head(connection, 1).checkpoint.text.encode()
    assert verify_timestamp(row.token, text, roots) == at
    with pytest.raises(TimestampError, match="does not hold"):
        verify_timestamp(row.token, text + b"x", roots)
    with pytest.raises(TimestampError, match="does not hold"):
        verify_timestamp(row.token[:-3] + b"abc", text, roots)


def test_a_stamp_of_an_unknown_authority_is_not_stored(engine, logs, authority):
    with pytest.raises(TimestampError):
        add_timestamp(engine, "b", authority[0], [])
    assert stored(engine) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/tsa", "file:///etc/passwd"])
def test_an_authority_that_is_away_is_an_error_and_nothing_else(engine, logs, authority, url):
    with pytest.raises(TimestampError):
        add_timestamp(engine, "b", url, [])
    assert stored(engine) == []


def test_the_clock_signs_stamps_and_passes_over_what_is_away(engine, small, settings, authority, caplog):
    url, folder = authority
    logs = Logs(settings.instance, settings.public_url)
    policy = settings.instance / "witnesses"
    clock = Clock(logs, policy, url, folder / "ca.pem")
    clock.run_once(engine)
    assert logs.covers(engine, "b") > 0
    assert len(stored(engine)) == 1
    small.give(5)
    Clock(logs, policy, "http://127.0.0.1:9/", folder / "ca.pem").run_once(engine)
    assert "does not answer" in caplog.text
    assert len(stored(engine)) == 1
