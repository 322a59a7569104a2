import json
import logging

import pytest

from ledger import logs


def line(message, *args, exc_info=None, **extra):
    record = logging.makeLogRecord(
        {"name": "t", "levelname": "INFO", "msg": message, "args": args, "exc_info": exc_info, **extra}
    )
    return logs.JsonLines().format(record)


def test_a_record_is_one_line_of_json_with_its_extras():
    text = line("%s 笔\n捐款", 3, ms=1.5)
    assert "\n" not in text
    parsed = json.loads(text)
    assert (parsed["message"], parsed["ms"], parsed["level"]) == ("3 笔\n捐款", 1.5, "INFO")
    assert parsed["time"].endswith("+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "GET /trace/ABCD-EFGH-JKMN-PQRS-7 200",
        "GET /trace/abcdefghjkmnpqrs7?lang=en",
        "GET /heping/trace/ABCDEFGHJKMNPQRS7/confirmation.pdf",
        "the code ABCD-EFGH-JKMN-PQRS-* is unknown",
        "the code abcd efgh jkmn pqrs u is unknown",
    ],
)
def test_tracking_codes_are_scrubbed(text):
    cleaned = line(text).upper()
    assert "JKMN" not in cleaned
    assert logs.SCRUBBED in cleaned


def test_tracking_codes_are_scrubbed_from_tracebacks():
    error = ValueError("/trace/ABCD-EFGH-JKMN-PQRS-7")
    text = line("failed", exc_info=(type(error), error, None))
    assert "JKMN" not in text
    assert "ValueError" in json.loads(text)["traceback"]


@pytest.mark.parametrize("text", ["/trace", "2026-11-23 13:00", "a1b2c3d4" * 8, "/heping/ledger/1234"])
def test_other_things_are_left_alone(text):
    assert json.loads(line(text))["message"] == text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_request_is_logged_by_its_route(client, caplog):
    with caplog.at_level("INFO", logger="ledger.access"):
        client.get("/healthz?code=ABCD")
        client.get("/trace-me-not/ABCD")
    logged = [record.getMessage() for record in caplog.records if record.name == "ledger.access"]
    assert logged == ["GET /healthz 200", "GET (no route) 404"]
