"""The desk's navigation: the mechanism's stages, the pages of each, and who works on them.

A page shows when its endpoint exists and the reader holds one of its roles.
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.web.actor import FOUNDATION, STAFF, Role
from ledger.web.labels import N_

R = Role
MONEY = frozenset({R.ACCOUNTANT, R.APPROVER, R.AUDITOR})
FIELD = frozenset({R.ORG_STAFF, R.SOCIAL_WORKER, R.COMMUNITY})


class Item(NamedTuple):
    """A page in the navigation."""

    endpoint: str
    label: str
    roles: frozenset[Role]


class Stage(NamedTuple):
    """A stage of the mechanism and its pages, in order."""

    key: str
    label: str
    items: tuple[Item, ...]


STAGES: tuple[Stage, ...] = (
    Stage("queue", N_("To do"), (Item("desk.queue", N_("My queue"), STAFF),)),
    Stage(
        "mobilise",
        N_("Mobilise"),
        (
            Item("intake.gifts", N_("Donations"), MONEY),
            Item("lists.lists", N_("Lists"), MONEY),
            Item("intake.earmarks", N_("Earmarks"), MONEY),
            Item("intake.campaigns", N_("Campaigns"), MONEY),
            Item("stock.items", N_("Goods in stock"), MONEY),
            Item("hours.shifts", N_("Shifts"), FIELD | FOUNDATION),
            Item("volunteers.volunteers", N_("Volunteers"), FIELD | FOUNDATION),
            Item("donors.desk", N_("Donors"), MONEY | {R.ADMIN}),
        ),
    ),
    Stage(
        "allocate",
        N_("Allocate"),
        (
            Item("allocation.needs", N_("Needs"), STAFF),
            Item("allocation.decisions", N_("Decisions"), FOUNDATION | {R.COMMUNITY}),
            Item("allocation.projects", N_("Projects"), FOUNDATION | FIELD),
            Item("allocation.grants", N_("Grants"), FOUNDATION | {R.ORG_STAFF}),
            Item("allocation.contracts", N_("Service contracts"), MONEY),
        ),
    ),
    Stage(
        "apply",
        N_("Apply"),
        (
            Item("delivery.services", N_("Services"), STAFF),
            Item("delivery.confirmations", N_("To confirm"), frozenset({R.SOCIAL_WORKER, R.COMMUNITY})),
            Item("linkage.desk", N_("Linkage"), STAFF),
        ),
    ),
    Stage(
        "accounts",
        N_("Accounts"),
        (
            Item("money.journal", N_("Journal"), MONEY),
            Item("money.balances", N_("Balances"), MONEY),
            Item("money.funds", N_("Funds and places"), MONEY),
            Item("money.expenses", N_("Expenses"), MONEY),
            Item("money.transfers", N_("Transfers"), MONEY),
            Item("money.parties", N_("Parties"), FOUNDATION),
        ),
    ),
    Stage(
        "audit",
        N_("Audit"),
        (
            Item("disclosure.desk", N_("Disclosure"), MONEY),
            Item("desk.decided", N_("Decided proposals"), FOUNDATION),
            Item("accounts.trail", N_("Access trail"), frozenset({R.AUDITOR, R.ADMIN})),
        ),
    ),
    Stage(
        "settings",
        N_("Settings"),
        (
            Item("accounts.users", N_("People and roles"), frozenset({R.ADMIN})),
            Item("accounts.settings", N_("Rules of this book"), frozenset({R.ADMIN})),
        ),
    ),
)
