"""Who acts: a signed-in person and the posts they hold in each book. No framework."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What somebody is in a book. Two different people prepare and approve whatever moves resources."""

    DONOR = "donor"
    ORG_STAFF = "org_staff"
    SOCIAL_WORKER = "social_worker"
    COMMUNITY = "community"
    ACCOUNTANT = "accountant"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


PARTIES: dict[Role, str] = {
    Role.ORG_STAFF: "organization",
    Role.SOCIAL_WORKER: "worker",
    Role.COMMUNITY: "community",
}
"""Roles that act for one party: the type of its address."""

STAFF = frozenset(Role) - {Role.DONOR}
"""Roles that have a desk; donors have a page of their own."""

FOUNDATION = frozenset({Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR, Role.ADMIN})
"""Roles inside the foundation: they see every party."""


class Post(NamedTuple):
    """A role in a book, the code of the party it is held for (`PARTIES`), and up to which worth in fen it approves."""

    role: Role
    party: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person. `code` is what entries name in `by`; it never tells who it is. `posts` by code of book."""

    code: str
    name: str
    posts: dict[str, tuple[Post, ...]]
    admin: bool = False  # of the installation: opens books, manages all users

    def roles(self, book: str) -> frozenset[Role]:
        """Return the roles held in a book."""
        return frozenset(post.role for post in self.posts.get(book, ()))

    def has(self, book: str, *roles: Role) -> bool:
        """Tell whether one of the roles is held in a book."""
        return not self.roles(book).isdisjoint(roles)

    def parties(self, book: str, role: Role) -> frozenset[str]:
        """Return the codes of the parties for which a role is held."""
        return frozenset(post.party for post in self.posts.get(book, ()) if post.role is role and post.party)

    def sees(self, book: str, address: str) -> bool:
        """Tell whether a party (`organization:sunshine`) is the actor's own, or the actor is of the foundation."""
        if self.has(book, *FOUNDATION):
            return True
        kind, _, code = address.partition(":")
        return any(code in self.parties(book, role) for role, party in PARTIES.items() if party == kind)

    def limit(self, book: str) -> int | None:
        """Return up to which worth in fen the actor approves; None: any."""
        limits = [post.limit for post in self.posts.get(book, ()) if post.role is Role.APPROVER]
        return None if None in limits else max((limit for limit in limits if limit is not None), default=None)
