"""What proves that one of the five parties took part in a service: the one place that says so.

Proof is what somebody else would have had to fake, never a name filled in: a community or a worker confirmed; the
organization drew on its grant; volunteers gave hours; a fund or a grant gave money or goods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger.web.pages import ElementKey

CONFIRMING: Mapping[str, ElementKey] = {"community": "community", "worker": "worker"}
"""Roles whose confirmation proves a party."""


def proven_by_use(flows: Iterable[Mapping[str, Any]]) -> frozenset[ElementKey]:
    """Tell which parties the resources that a service used prove."""
    found: set[ElementKey] = set()
    for flow in flows:
        giver = str(flow["from"]).partition(":")[0]
        if flow["unit"] == "volunteer-hour":
            found.add("volunteer")
        elif giver != "source":
            found.add("resource")
        if giver == "grant":
            found.add("organization")
    return frozenset(found)
