"""Words for codes of this room: roles, states, what the trail says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.reports.figures import decimal
from ledger.web.actor import Role
from ledger.web.labels import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.web.voice import Voice

POSTS: Mapping[str, str] = {
    Role.DONOR: N_("Donor"),
    Role.ORG_STAFF: N_("Staff of an organization"),
    Role.SOCIAL_WORKER: N_("Social worker"),
    Role.COMMUNITY: N_("Community staff"),
    Role.ACCOUNTANT: N_("Accountant"),
    Role.APPROVER: N_("Approver"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMIN: N_("Admin"),
}

DOES: Mapping[str, str] = {
    Role.ORG_STAFF: N_("reports the services of their organization"),
    Role.SOCIAL_WORKER: N_("signs off services they answer for"),
    Role.COMMUNITY: N_("raises needs and confirms services of their community"),
    Role.ACCOUNTANT: N_("prepares what moves resources"),
    Role.APPROVER: N_("approves what others prepared, up to a limit"),
    Role.AUDITOR: N_("reads everything, changes nothing"),
    Role.ADMIN: N_("people and rules; keeps no books"),
}

USER_STATES: Mapping[str, str] = {
    "active": N_("active"),
    "invited": N_("has not set a password yet"),
    "suspended": N_("suspended"),
}

WHATS: tuple[str, ...] = (
    N_("signed in"),
    N_("password given"),
    N_("signed in with a recovery code"),
    N_("signed out"),
    N_("refused"),
    N_("refused at the second factor"),
    N_("changed the password"),
    N_("set a password by link"),
    N_("set up the second factor"),
    N_("turned the second factor off"),
    N_("made new recovery codes"),
    N_("ended a session"),
    N_("ended all other sessions"),
    N_("ended all sessions of a user"),
    N_("added a user"),
    N_("gave a post"),
    N_("took a post"),
    N_("suspended"),
    N_("reactivated"),
    N_("made a password link"),
    N_("removed the second factor"),
    N_("made an admin of the installation"),
    N_("ended an admin of the installation"),
    N_("changed the rules of the book"),
    N_("opened a book"),
    N_("looked at people and roles"),
    N_("looked at the access trail"),
)
"""What this room notes; other rooms note their own words, marked for translation there."""

DETAILS: Mapping[str, str] = {
    "role": N_("role: %(value)s"),
    "party": N_("for: %(value)s"),
    "limit": N_("up to %(value)s yuan"),
    "totp_required": N_("second factor: %(value)s"),
    "idle_minutes": N_("signed out after %(value)s minutes"),
    "two_above": N_("two approvers above %(value)s yuan"),
}
"""What the details of the trail are made of, `key=value` with spaces between."""


def details(text: str, voice: Voice) -> str:
    """Say the details of a row of the trail; what is not known stays as it was written."""
    pairs = [part.partition("=") for part in text.split(" ") if part]
    if any(key not in DETAILS for key, _equals, _value in pairs):
        return text
    told = (voice.fill(voice.gettext(DETAILS[key]), {"value": _value(key, value, voice)}) for key, _, value in pairs)
    return str(voice.join(told))


def _value(key: str, value: str, voice: Voice) -> str:
    if key == "role":
        return voice.gettext(POSTS.get(value, value))
    if key in {"limit", "two_above"} and value.isdigit():
        return decimal(int(value), 2)
    word = {"True": N_("yes"), "False": N_("no"), "None": N_("none")}.get(value, value)
    return voice.gettext(word)


BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """Name browser and system in what a browser calls itself, so that people know their own; else its beginning."""
    found = [next((name for word, name in table if word in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:40] or "–"
