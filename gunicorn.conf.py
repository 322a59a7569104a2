"""How gunicorn serves `wsgi:app`; the figures come from the application's settings."""

import os
import sys
from typing import Any

from ledger import logs
from ledger.config import SettingError, settings_from

try:
    settings = settings_from(os.environ)
except SettingError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from error

bind = f"127.0.0.1:{settings.port}"
workers = settings.workers
threads = settings.threads
worker_class = "gthread"
timeout = 60  # seconds; the longest page is a PDF
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
forwarded_allow_ips = ""  # LEDGER_TRUSTED_PROXIES decides, in one place
accesslog = None  # addresses hold tracking codes; ledger/logs.py logs each request by its route
logconfig_dict = logs.dict_config(settings.log_level)


def post_worker_init(worker: Any) -> None:  # gunicorn's worker
    """Sign the logs once a minute from one of the processes, and add up what pages carry on from."""
    from ledger.extensions import db  # noqa: PLC0415  # in the process that serves, after the fork
    from ledger.programs.parties import warm  # noqa: PLC0415
    from ledger.web.signing import clock_of  # noqa: PLC0415

    app = worker.wsgi
    with app.app_context():
        clock_of(app).start(db.engine)
        warm.begin(db.engine)


def when_ready(server: Any) -> None:  # gunicorn's arbiter
    """Say where to look."""
    del server
    sys.stdout.write(f"\n  http://127.0.0.1:{settings.port}/   (Ctrl-C stops)\n\n")
    sys.stdout.flush()
