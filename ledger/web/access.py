"""Who may use a route: each view declares it, and a view without a declaration is refused.

`@public`, `@signed_in`, `@installation_admin`, or `@allow(Role.ACCOUNTANT, …)` for a view whose address begins with
`/<book>/`. What belongs to one party is checked inside the view, with `own`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from flask import abort, current_app, redirect, request, url_for
from flask_login import current_user

from ledger.web.actor import STAFF, Actor, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.wrappers import Response

ATTRIBUTE = "ledger_access"


class Access(NamedTuple):
    """A declaration: everybody, somebody signed in, the installation's admin, or holders of roles in the book."""

    who: str  # "public", "signed in", "admin", "roles"
    roles: frozenset[Role] = frozenset()
    installation: bool = False  # the installation's admin too, without a post in the book


PUBLIC, SIGNED_IN, ADMIN = Access("public"), Access("signed in"), Access("admin")

View = TypeVar("View", bound="Callable[..., Any]")


def _declaring(access: Access) -> Callable[[View], View]:
    def declare(view: View) -> View:
        setattr(view, ATTRIBUTE, access)
        return view

    return declare


public = _declaring(PUBLIC)
signed_in = _declaring(SIGNED_IN)
installation_admin = _declaring(ADMIN)


def allow(*roles: Role) -> Callable[[View], View]:
    """Let holders of these roles in the book of the address use a view."""
    return _declaring(Access("roles", frozenset(roles)))


staff = allow(*sorted(STAFF))
"""Let everybody with a desk in the book use a view."""

book_admin = _declaring(Access("roles", frozenset({Role.ADMIN}), installation=True))
"""Let the admins of the book use a view, and those of the installation, who look after the users of all books."""


def declared(view: Callable[..., Any] | None) -> Access | None:
    """Return the declaration of `view`, None when it has none; a class of views declares on the class."""
    declaration = getattr(view, ATTRIBUTE, None) or getattr(getattr(view, "view_class", None), ATTRIBUTE, None)
    return declaration if isinstance(declaration, Access) else None


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that declare no access, sorted."""
    rules = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(endpoint for endpoint in rules if declared(app.view_functions.get(endpoint)) is None)


def current_actor() -> Actor | None:
    """Return who is signed in, None when nobody is."""
    return getattr(current_user, "actor", None)


def actor() -> Actor:
    """Return who is signed in, in a view that let only somebody signed in come this far."""
    found = current_actor()
    if found is None:
        abort(401)
    return found


def own(book: str, *addresses: str) -> None:
    """Answer 404 unless one of the parties is the actor's own; whether a foreign one exists is not told either."""
    if not any(actor().sees(book, address) for address in addresses):
        abort(404)


def allows(access: Access, who: Actor | None, book: str | None) -> bool:
    """Tell whether somebody may use a view with this declaration."""
    if access == PUBLIC:
        return True
    if who is None:
        return False
    if access == ADMIN:
        return who.admin
    if access == SIGNED_IN or (access.installation and who.admin):
        return True
    return book is not None and who.has(book, *access.roles)


def init_app(app: Flask) -> None:
    """Refuse views without a declaration, and whom they do not allow, from now on."""
    public(app.view_functions["static"])
    app.before_request(_check)
    app.context_processor(lambda: {"actor": current_actor(), "may": _may})


def _check() -> Response | None:
    """Deny by default; an address that matches no route goes on to its 404 or 405."""
    if request.endpoint is None:
        return None
    access = declared(current_app.view_functions.get(request.endpoint))
    if access is None:
        current_app.logger.error("endpoint %s declares no access; refused", request.endpoint)
        abort(403)
    if access == PUBLIC:
        return None  # and nobody's session is read for it
    who = current_actor()
    if allows(access, who, (request.view_args or {}).get("book")):
        return None
    if who is None and request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
    return abort(401 if who is None else 403)


def _may(endpoint: str, book: str | None = None) -> bool:
    """Tell templates whether the reader may use an endpoint (False when there is none of that name)."""
    view = current_app.view_functions.get(endpoint)
    access = declared(view)
    return access is not None and allows(access, current_actor(), book)
