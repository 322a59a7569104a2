"""Security headers on every response, pages and errors and files alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, current_app, request

if TYPE_CHECKING:
    from flask import Flask, Response

# Nothing from elsewhere, nothing inline: style and script come from our own files only.
DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(DIRECTIVES),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # A tracking code is in the address of its page, so no other site is told an address of ours.
    # (Not `no-referrer`: over https the CSRF check wants to see that a form came from this site.)
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS = 2 * 365 * 24 * 3600  # seconds


def init_app(app: Flask, *, https: bool) -> None:
    """Set headers on every response and strict attributes on the session cookie."""
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_NAME="__Host-session" if https else "session",
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may be open for a morning
    )
    app.before_request(_refuse_zeros)
    app.after_request(_add_headers)


def _refuse_zeros() -> None:
    """Refuse a NUL character, which no text of a book holds and no database takes."""
    sent = (request.path, *request.args.values(), *(text for _name, text in request.form.items(multi=True)))
    if any("\0" in text for text in sent):
        abort(400)


def _add_headers(response: Response) -> Response:
    """Add each header unless the view set a stricter one itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"] and request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
    return response
