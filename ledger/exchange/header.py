"""Find the row that names the columns, below title rows, in one row or two."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.exchange.cells import FEN, Cell, is_blank, text_of
from ledger.exchange.errors import CurrencyError, ProfileError
from ledger.exchange.profiles import Place, Profile
from ledger.exchange.roles import Role, foreign_currency, measure_in, money_factor, plain_label, role_of

_LONGEST = 30
"""Characters of a label; longer texts are titles and notes."""

SURE = 6
"""A header with this score is one: two labels that are known words."""

_LOOK = 40
"""Filled rows in which the header is looked for."""

_FIGURES = re.compile(r"[-+¥￥]?[\d,]+(?:\.\d+)?")
_LOOSE_CHILD = frozenset({Role.NAME, Role.ORGANIZATION, Role.AMOUNT})
"""Sub-labels (名称, 单位, 金额) that only their group's label makes clear."""

Numbered = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Header:
    """Where each role's column is; `factors` are fen per unit of money columns, `measure` that of the quantities."""

    row: int
    last: int
    columns: Mapping[Role, int]
    labels: Mapping[int, str]
    remarks: tuple[int, ...] = ()
    factors: Mapping[Role, int] = field(default_factory=dict)
    stated: frozenset[Role] = frozenset()
    measure: str = ""

    @property
    def is_goods(self) -> bool:
        """Tell whether the list is one of goods (which may give money in some rows)."""
        return Role.ITEM in self.columns

    @property
    def is_money(self) -> bool:
        """Tell whether the list has a column of money given."""
        return Role.AMOUNT in self.columns

    @property
    def unused(self) -> tuple[str, ...]:
        """Return the labels of columns that are not read."""
        used = {*self.columns.values(), *self.remarks}
        return tuple(label for place, label in self.labels.items() if place not in used)


def find_header(rows: Sequence[Numbered], profile: Profile, *, issues: bool = False) -> Header | None:
    """Find the first sure header among the first filled rows, else the best; the profile goes before."""
    if profile.header_row == 0:
        return _headless(rows, profile)
    best: tuple[int, Header] | None = None
    filled = [(number, row) for number, row in rows if any(not is_blank(cell) for cell in row)][:_LOOK]
    for place, (number, row) in enumerate(filled):
        if profile.header_row not in {None, number}:
            continue
        below = filled[place + 1] if place + 1 < len(filled) and filled[place + 1][0] == number + 1 else None
        found = read_header(number, row, below, profile, issues=issues)
        if found is not None and found[0] >= SURE:
            return found[1]
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best else None


def _headless(rows: Sequence[Numbered], profile: Profile) -> Header | None:
    """Take the columns from the profile alone: the list begins with its first row."""
    roles = _by_profile(profile, {}, max((len(row) for _, row in rows), default=0))
    if not roles:
        raise ProfileError(
            "Profile '%(name)s' says that there is no header; give the columns by numbers that are there",
            name=profile.name,
        )
    remarks = _remarks(roles)
    return Header(0, 0, {role: place for place, role in roles.items() if role is not Role.REMARK}, {}, remarks)


def read_header(
    number: int, row: Sequence[Cell], below: Numbered | None, profile: Profile, *, issues: bool = False
) -> tuple[int, Header] | None:
    """Read one row (and the row of sub-labels below it) as a header: (how sure, header), or None."""
    if not _only_labels(row) and profile.header_row != number:
        return None
    labels = {place: text_of(cell) for place, cell in enumerate(row) if not is_blank(cell)}
    last = number
    if below is not None and _is_second_row(labels, below[1]):
        labels, last = _join(labels, below[1]), below[0]
    roles, score = _assign(labels)
    named = _by_profile(profile, labels, len(row))
    if named is None:
        return None
    columns: dict[Role, int]
    if profile.exact:
        roles, score = named, SURE
        columns = {role: place for place, role in sorted(roles.items(), reverse=True) if role is not Role.REMARK}
        remarks = _remarks(roles)
    else:
        roles = {place: role for place, role in roles.items() if role not in named.values()} | named
        columns, remarks = _settle(roles, labels, issues=issues)
    what = {Role.AMOUNT, Role.ITEM} & set(columns)
    if not what or len(columns) + len(remarks) < 2:  # noqa: PLR2004 - one label alone is a title
        return None
    factors: dict[Role, int | None] = {
        role: _factor(labels.get(columns[role], "")) for role in (Role.AMOUNT, Role.VALUE) if role in columns
    }
    stated = frozenset(role for role, factor in factors.items() if factor is not None)
    measure = measure_in(labels.get(columns[Role.QUANTITY], "")) if Role.QUANTITY in columns else ""
    known = {role: factor if factor is not None else FEN for role, factor in factors.items()}
    return score, Header(number, last, columns, labels, remarks, known, stated, measure)


def _only_labels(row: Sequence[Cell]) -> bool:
    texts = [text_of(cell) for cell in row if not is_blank(cell)]
    return (
        len(texts) > 1
        and all(isinstance(cell, str) for cell in row)
        and all(len(text) <= _LONGEST and not _FIGURES.fullmatch(text) for text in texts)
    )


def _is_second_row(labels: Mapping[int, str], below: Sequence[Cell]) -> bool:
    """Tell whether the next row holds sub-labels: mostly known words, one at least under a blank or a group."""
    texts = {place: text_of(cell) for place, cell in enumerate(below) if not is_blank(cell)}
    if not texts or not all(isinstance(cell, str) for cell in below):
        return False
    found = {place: role_of(text) for place, text in texts.items()}
    known = sum(1 for role in found.values() if role is not None and role[1])
    under = any(found[place] is not None and place not in labels for place in texts)
    return (
        under
        and known * 2 > len(texts)
        and _only_labels([*texts.values(), ""] if len(texts) > 1 else ["-", *texts.values()])
    )


def _join(labels: Mapping[int, str], below: Sequence[Cell]) -> dict[int, str]:
    """Put the label of a group (to the left, when blank) before each sub-label that needs it."""
    joined = dict(labels)
    for place, cell in enumerate(below):
        if is_blank(cell):
            continue
        child = text_of(cell)
        parent = next((labels[at] for at in range(place, -1, -1) if at in labels), "")
        role, group, both = role_of(child), role_of(parent), role_of(parent + child)
        alone = role is not None and role[0] not in _LOOSE_CHILD
        measure = role is not None and role[0] is Role.ORGANIZATION and group is not None and group[0] is Role.ITEM
        joined[place] = child if alone or measure or both is None else parent + child
    return joined


def _assign(labels: Mapping[int, str]) -> tuple[dict[int, Role], int]:
    """Give each column its role by its label; the first word-for-word match of a role goes before a loose one."""
    found = {place: match for place, label in labels.items() if (match := role_of(label)) is not None}
    taken: dict[Role, int] = {}
    for place, (role, _) in sorted(found.items(), key=lambda each: (not each[1][1], each[0])):
        if role is not Role.REMARK:
            taken.setdefault(role, place)
    roles = {place: role for role, place in taken.items()}
    roles |= {place: role for place, (role, _) in found.items() if role is Role.REMARK}
    return roles, sum(3 if found[place][1] else 1 for place in roles)


def _by_profile(profile: Profile, labels: Mapping[int, str], width: int) -> dict[int, Role] | None:
    """Return the columns that the profile names, by label or by number from 1; None when the row lacks one."""
    named: dict[int, Role] = {}
    each = [(role, column) for role, said in profile.columns.items() for column in _several(said)]
    for role, column in each:
        if isinstance(column, int):
            place = column - 1 if 1 <= column <= width else None
        else:
            place = next((at for at, label in labels.items() if plain_label(label) == plain_label(column)), None)
        if place is None:
            return None
        named[place] = role
    return named


def _several(said: Place) -> tuple[str | int, ...]:
    return said if isinstance(said, tuple) else (said,)


def _remarks(roles: Mapping[int, Role]) -> tuple[int, ...]:
    return tuple(sorted(place for place, role in roles.items() if role is Role.REMARK))


def _settle(
    roles: dict[int, Role], labels: Mapping[int, str], *, issues: bool
) -> tuple[dict[Role, int], tuple[int, ...]]:
    """Decide what the doubtful labels mean in this list."""
    columns: dict[Role, int] = {
        role: place for place, role in sorted(roles.items(), reverse=True) if role is not Role.REMARK
    }
    party = Role.RECIPIENT if issues and Role.RECIPIENT not in columns else Role.DONOR
    goods = bool({Role.ITEM, Role.SPEC, Role.MEASURE, Role.QUANTITY} & set(columns))
    if Role.NAME in columns:
        columns.setdefault(Role.ITEM if goods and Role.ITEM not in columns else party, columns.pop(Role.NAME))
    if Role.ORGANIZATION in columns:
        place = columns.pop(Role.ORGANIZATION)
        is_measure = (
            goods and Role.MEASURE not in columns and plain_label(labels[place]) == "单位" and Role.QUANTITY in columns
        )
        columns.setdefault(Role.MEASURE if is_measure else party, place)
    if Role.ITEM in columns and Role.AMOUNT in columns and Role.VALUE not in columns and _is_value(columns, labels):
        columns[Role.VALUE] = columns.pop(Role.AMOUNT)
    if Role.ITEM not in columns and Role.AMOUNT not in columns:
        _take_amount(columns, labels)
    return columns, _remarks(roles)


def _take_amount(columns: dict[Role, int], labels: Mapping[int, str]) -> None:
    """In a list without goods, read 折合人民币 or 捐赠数量(元) as the amount."""
    if Role.VALUE in columns:
        columns[Role.AMOUNT] = columns.pop(Role.VALUE)
    elif Role.QUANTITY in columns and money_factor(labels.get(columns[Role.QUANTITY], "")) is not None:
        columns[Role.AMOUNT] = columns.pop(Role.QUANTITY)


def _is_value(columns: Mapping[Role, int], labels: Mapping[int, str]) -> bool:
    """Tell whether 金额 in a list of goods is their value: beside a price, or when it does not speak of money given."""
    label = plain_label(labels.get(columns[Role.AMOUNT], ""))
    return Role.PRICE in columns or not any(
        word in label for word in ("捐款", "资金", "善款", "现金", "款项", "到账", "money")
    )


def _factor(label: str) -> int | None:
    foreign = foreign_currency(label)
    if foreign:
        raise CurrencyError(
            "Column '%(label)s' is in %(foreign)s. Enter the amounts in yuan, as they were credited",
            label=label,
            foreign=foreign,
        )
    return money_factor(label)
