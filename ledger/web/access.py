"""Who may use a route: each view declares it, and a view without a declaration is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flask import abort, current_app, request

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

PUBLIC = "public"
ATTRIBUTE = "ledger_access"

View = TypeVar("View", bound="Callable[..., Any]")


def public(view: View) -> View:
    """Let everybody use `view`."""
    setattr(view, ATTRIBUTE, PUBLIC)
    return view


def declared(view: Callable[..., Any] | None) -> str | None:
    """Return the declaration of `view`, None when it has none; a class of views declares on the class."""
    declaration = getattr(view, ATTRIBUTE, None) or getattr(getattr(view, "view_class", None), ATTRIBUTE, None)
    return declaration if isinstance(declaration, str) else None


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that declare no access, sorted."""
    rules = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(endpoint for endpoint in rules if declared(app.view_functions.get(endpoint)) is None)


def init_app(app: Flask) -> None:
    """Refuse views without a declaration from now on."""
    public(app.view_functions["static"])
    app.before_request(_refuse_undeclared)


def _refuse_undeclared() -> None:
    """Deny by default; an address that matches no route goes on to its 404 or 405."""
    if request.endpoint is None or declared(current_app.view_functions.get(request.endpoint)) == PUBLIC:
        return
    current_app.logger.error("endpoint %s declares no access; refused", request.endpoint)
    abort(403)
