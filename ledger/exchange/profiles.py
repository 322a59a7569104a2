"""Profiles: what a list does not say of itself, by name or as a JSON file.

A JSON file, every key but the first optional::

    {"shanliu-profile": 1, "name": "bank of X", "columns": {"donor": "汇款人", "amount": 5}, "header_row": 4,
     "sheets": ["Sheet1"], "year": 2020, "carry": ["donor"], "measure": "件", "skip_cut_off": true,
     "encoding": "gb18030", "money_unit": "万元", "exact": true}

`columns` gives the label or the number (A = 1) of a role's column: number, date, donor, amount, remark, item, spec,
measure, quantity, value, recipient, channel, reference; with "header_row": 0 the list has no header and `columns` are
numbers; `remark` may name several columns, as a list. With `exact` no column is read but those. `carry` names the roles
whose blank cells mean "as above".
"""

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ledger.core.errors import Word
from ledger.exchange.errors import ProfileError
from ledger.exchange.roles import Role, money_factor

Place = str | int | tuple[str | int, ...]
"""A column by its label or its number from 1; several for remarks."""

_COLUMNS: Mapping[Role, Place] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Profile:
    """What the reader is told about a list. None and empty: find out."""

    name: str = "auto"
    columns: Mapping[Role, Place] = field(default_factory=lambda: _COLUMNS)
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    year: int | None = None
    carry: frozenset[Role] | None = None
    measure: str = ""
    skip_cut_off: bool = False
    encoding: str | None = None
    money_unit: str = ""
    exact: bool = False


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(),
        Profile(
            "blank-is-above",
            carry=frozenset({Role.DATE, Role.DONOR, Role.RECIPIENT, Role.ITEM, Role.MEASURE}),
        ),
        Profile("blank-is-blank", carry=frozenset()),
        Profile("days-only", skip_cut_off=True),
    )
}
"""Named profiles. `days-only` leaves out rows dated "截至…日" (cumulative sections that repeat the days above)."""


def find_profile(name: str) -> Profile:
    """Return the profile of that name, or read it from the JSON file at that path."""
    if name in PROFILES:
        return PROFILES[name]
    path = Path(name)
    if not path.is_file():
        raise ProfileError(
            "There is no profile '%(name)s'. Use one of %(known)s, or the path of a JSON file",
            name=name,
            known=", ".join(sorted(PROFILES)),
        )
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ProfileError("%(name)s is not JSON: %(error)s", name=path.name, error=error) from error
    return profile_from(said, path.stem)


def profile_from(said: object, name: str) -> Profile:
    """Check a decoded profile and return it."""
    if not isinstance(said, dict) or said.pop("shanliu-profile", None) != 1:
        raise ProfileError("Profile '%(name)s' must be a JSON object with \"shanliu-profile\": 1", name=name)
    known = {each.name for each in fields(Profile)}
    if strange := sorted(set(said) - known):
        raise ProfileError(
            "Profile '%(name)s': unknown %(strange)s. Known are %(known)s",
            name=name,
            strange=", ".join(strange),
            known=", ".join(sorted(known)),
        )
    return Profile(**{"name": name} | {key: _checked(name, key, value) for key, value in said.items()})


def _checked(name: str, key: str, value: Any) -> Any:
    if key == "columns":
        return _columns(name, value)
    if key in {"sheets", "carry"}:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise _wrong(name, key, Word("a list of texts"))
        return tuple(value) if key == "sheets" else frozenset(_role(name, each) for each in value)
    if key in {"header_row", "year"}:
        if type(value) is not int or value < 0:
            raise _wrong(name, key, Word("a whole number"))
    elif key == "encoding":
        _check_encoding(name, value)
    elif key in {"skip_cut_off", "exact"}:
        if not isinstance(value, bool):
            raise _wrong(name, key, Word("true or false"))
    elif not isinstance(value, str) or (key == "money_unit" and money_factor(value) is None):
        raise _wrong(name, key, Word("such as 万元") if key == "money_unit" else Word("a text"))
    return value


def _check_encoding(name: str, value: object) -> None:
    try:
        codecs.lookup(str(value))
    except LookupError:
        raise _wrong(name, "encoding", Word("an encoding such as gb18030")) from None


def _columns(name: str, value: object) -> Mapping[Role, Place]:
    if not isinstance(value, dict):
        raise _wrong(name, "columns", Word("an object from roles to labels or numbers"))
    return MappingProxyType({(known := _role(name, role)): _place(name, known, said) for role, said in value.items()})


def _place(name: str, role: Role, said: object) -> Place:
    if isinstance(said, list) and role is Role.REMARK and all(type(column) in {str, int} for column in said):
        return tuple(said)
    if type(said) not in {str, int}:
        raise _wrong(name, "columns", Word("an object from roles to labels or numbers"))
    return said  # type: ignore[return-value]  # just checked


def _role(name: str, text: str) -> Role:
    allowed = {role.value for role in Role} - {Role.NAME, Role.ORGANIZATION, Role.PRICE}
    if text not in allowed:
        raise ProfileError(
            "Profile '%(name)s': '%(text)s' is not a column. Columns are %(columns)s",
            name=name,
            text=text,
            columns=", ".join(sorted(allowed)),
        )
    return Role(text)


def _wrong(name: str, key: str, what: Word) -> ProfileError:
    return ProfileError("Profile '%(name)s': %(key)s must be %(what)s", name=name, key=key, what=what)
