"""Run commands as a terminal does."""

import json


def run(app, *args):
    """Run `flask …`; give (status, output, errors)."""
    result = app.test_cli_runner().invoke(args=[str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def well(app, *args):
    """Run a command that must end well; give its output."""
    status, out, err = run(app, *args)
    assert status == 0, (args, out, err)
    return out


def asked(app, *args):
    """Run a command with --json; give what it says."""
    return json.loads(well(app, *args, "--json"))


def a_book(app):
    """Open book `b` with fund `general`."""
    well(app, "books", "open", "b", "--name", "和平社区基金")
    well(app, "funds", "open", "b", "general", "--name", "互助基金")
