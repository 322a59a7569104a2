"""Users of the installation: the first admin, somebody new, a new link."""

from __future__ import annotations

from typing import Any

import click

from ledger.cli.common import BY, Group, NotWell, engine, json_option, show
from ledger.core.errors import NotFoundError
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot
from ledger.people.accounts import links, queries, second, sessions, users
from ledger.people.accounts.trail import note
from ledger.web.actor import PARTIES, STAFF, Post, Role

group = Group("people", help="Users of the installation, their roles, and the links with which they set a password.")


def _address(path: str) -> str:
    from flask import current_app  # noqa: PLC0415  # only here

    return f"{current_app.config['SETTINGS'].public_url}{path}"


@group.command("setup")
@click.option("--if-needed", is_flag=True, help="Say nothing when there is an admin already.")
@json_option
def setup(*, if_needed: bool, as_json: bool) -> None:
    """Print the one-time link with which the first admin is made."""
    with write_transaction(engine()) as connection:
        if users.any_admin(connection):
            if if_needed:
                return
            raise NotWell("This installation has an admin already. `flask people link LOGIN` makes a new link.")
        token = links.make(connection, None, by=BY)
    link = _address(f"/setup/{token}")
    show(
        {"link": link, "hours": links.HOURS},
        lambda: f"  First admin, once, within {links.HOURS} hours:\n  {link}",
        as_json=as_json,
    )


@group.command("add")
@click.argument("login")
@click.option("--name", default="", help="Name that the desk shows (default: the login).")
@click.option("--role", type=click.Choice(sorted(role.value for role in STAFF)), help="Role in the book.")
@click.option("--book", metavar="B", help="Code of the book of the role.")
@click.option("--party", default="", metavar="CODE", help="For org_staff, social_worker, community: whose.")
@click.option("--limit", type=click.IntRange(1), metavar="FEN", help="For approver: up to which worth.")
@click.option("--admin", is_flag=True, help="Admin of the installation.")
@json_option
def add(
    login: str,
    name: str,
    role: str | None,
    book: str | None,
    party: str,
    limit: int | None,
    *,
    admin: bool,
    as_json: bool,
) -> None:
    """Add a user, or another role to one there is, and print the link with which a new one sets the password."""
    if (role is None) != (book is None):
        raise click.UsageError("--role and --book go together.")
    if role in PARTIES and not party:
        raise click.UsageError(f"--role {role} needs --party, the code of the {PARTIES[Role(role)]}.")
    with write_transaction(engine()) as connection:
        code, token = users.by_login(connection, login), None
        if code is None:
            code = users.add_user(connection, login, name or login, admin=admin)
            token = links.make(connection, code, by=BY)
            note(connection, BY, "added a user", object=f"user:{code}")
        elif admin:
            raise NotWell(f"{login} is there already; an admin of the installation can make it another one.")
        if role is not None and book is not None:
            post = Post(Role(role), party, limit)
            users.grant(connection, code, find_book(connection, book).id, post, by=BY)
            note(connection, BY, "gave a post", book=book, object=f"user:{code}", detail=users.told(post))
    link = _address(f"/account/link/{token}") if token else None
    show({"code": code, "login": login, "link": link}, lambda: _told(login, code, link), as_json=as_json)


def _told(login: str, code: str, link: str | None) -> str:
    return f"{login} is {code}" + (f"\nset the password once, within {links.HOURS} hours: {link}" if link else "")


@group.command("link")
@click.argument("login")
@click.option(
    "--without-factor", is_flag=True, help="Also remove the second factor: phone and recovery codes are gone."
)
@json_option
def link(login: str, *, without_factor: bool, as_json: bool) -> None:
    """Print a new one-time link for somebody's password."""
    with write_transaction(engine()) as connection:
        code = users.by_login(connection, login)
        if code is None:
            raise NotFoundError("there is no user %(code)s", code=login)
        if without_factor:
            second.turn_off(connection, code)
            sessions.end_all(connection, code, "second factor removed")
            note(connection, BY, "removed the second factor", object=f"user:{code}")
        token = links.make(connection, code, by=BY)
        note(connection, BY, "made a password link", object=f"user:{code}")
    address = _address(f"/account/link/{token}")
    show({"code": code, "login": login, "link": address}, lambda: _told(login, code, address), as_json=as_json)


def _line(row: dict[str, Any]) -> str:
    return f"{row['code']}  {row['login']:<20} {row['state']:<10} {'; '.join(row['roles'])}"


@group.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the users and their roles."""
    with snapshot(engine()) as connection:
        lines = queries.users_page(connection, None, "", queries.Slice(100_000, sort="login"))
    rows: list[dict[str, Any]] = [
        {
            "code": line.code,
            "login": line.login,
            "state": line.state,
            "admin": line.admin,
            "roles": [f"{it.book}: {it.post.role} {it.post.party}".strip() for it in line.posts],
        }
        for line in lines
    ]
    show(
        {"users": rows},
        lambda: "\n".join(map(_line, rows)) or "There are no users yet: flask people setup",
        as_json=as_json,
    )
