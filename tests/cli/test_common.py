"""Exit status: 0 = all well, 1 = the thing asked about is not well, 2 = wrong usage."""

import click
import pytest
from click.testing import CliRunner

from ledger.cli.common import Group, NotWell
from ledger.core.errors import NotFoundError

group = Group("try")


@group.command("it", with_appcontext=False)
@click.argument("how")
def it(how):
    errors = {
        "ill": NotWell("entry 7 does not chain"),
        "missing": NotFoundError("There is no book b."),
        "misused": click.UsageError("one or the other"),
    }
    if how in errors:
        raise errors[how]
    click.echo("done")


@pytest.mark.parametrize(
    ("arguments", "status", "out", "err"),
    [
        (["it", "well"], 0, "done\n", ""),
        (["it", "ill"], 1, "", "entry 7 does not chain\n"),
        (["it", "missing"], 1, "", "NotFoundError: There is no book b.\n"),
    ],
)
def test_status_and_streams(arguments, status, out, err):
    result = CliRunner().invoke(group, arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (status, out, err)


@pytest.mark.parametrize("arguments", [["it", "misused"], ["it"], ["it", "well", "--no-such-option"], ["no-such"]])
def test_wrong_usage_is_2(arguments):
    result = CliRunner().invoke(group, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage:" in result.stderr
