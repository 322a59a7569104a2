"""What gunicorn and `flask --app wsgi` start."""

from __future__ import annotations

import logging.config
import os
import sys

from ledger import logs
from ledger.app import create_app
from ledger.config import SettingError, settings_from
from ledger.keys import KeyFileError

try:
    settings = settings_from(os.environ)
    logging.config.dictConfig(logs.dict_config(settings.log_level))
    app = create_app(settings)
except (SettingError, KeyFileError) as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from error
