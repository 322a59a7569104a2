"""Serve an application from a thread, for a browser on the same machine."""

import threading
from contextlib import contextmanager

from werkzeug.serving import make_server


@contextmanager
def started(app):
    """Yield the address of `app`; serve it until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
