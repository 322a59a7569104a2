"""What the README tells to type is what there is."""

import re
from pathlib import Path

import click

from ledger.cli import GROUPS
from ledger.config import ROOT
from ledger.journal.guards import grants
from ledger.journal.tables import metadata

README = (ROOT / "README.md").read_text()


def test_the_serving_role_is_given_what_it_needs_on_every_table_there_is():
    given = {line.split(" ON ")[1].split(" TO ")[0] for line in grants("shanliu")}
    assert {table.name for table in metadata.sorted_tables} <= given
    assert "    .venv/bin/flask --app wsgi journal grants shanliu | psql shanliu\n" in README
    assert not [
        line for line in grants("x") if re.search(r"(UPDATE|DELETE).* ON (entries|checkpoints|cosignatures) ", line)
    ]


def test_every_command_named_exists_with_its_options():
    groups = {group.name: group for group in GROUPS}
    typed = re.findall(r"^    \$F (\S+) (\S+)(.*)$", README, flags=re.MULTILINE)
    assert len(typed) >= 8
    for group, name, rest in typed:
        command = groups[group].commands[name]
        known = {
            option for parameter in command.params for option in parameter.opts if isinstance(command, click.Command)
        }
        assert set(re.findall(r"--[a-z-]+", rest.partition("#")[0])) <= known, f"{group} {name}{rest}"


def test_every_file_linked_is_there():
    for target in re.findall(r"\]\(([^)h#][^)]*)\)", README):
        assert Path(ROOT / target).exists(), target
