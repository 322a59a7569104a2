"""Whether designated units are those of the entry they are said to be of, told by following only those entries.

Bounded by the number of pieces that the designated entries' units are in, never by the size of the log.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ledger.core.entry import Body
from ledger.core.spans import Span

Axis = tuple[str, str]


class Followed:
    """Follows the units of some entries through the log, and checks the draws that designate them."""

    def __init__(self, wanted: Iterable[int]) -> None:
        self._wanted = set(wanted)
        self._at: dict[int, dict[Axis, list[Span]]] = defaultdict(lambda: defaultdict(list))  # by entry followed

    def take(self, body: Body) -> Iterator[str]:
        """Take the next entry; yield what is wrong with its designations."""
        for flow in body["flows"]:
            of = flow.get("of")
            if of is not None and body["kind"] != "entry.reversed" and not self._covers(of, flow):
                yield f"the units of '{flow['from']}' that it takes are not those of entry {of}"
        for flow in body["flows"]:
            if not flow["from"].startswith("source:"):
                for places in self._at.values():
                    self._move(places, flow)
        if body["seq"] in self._wanted:
            for flow in body["flows"]:
                laid = Span(flow["in"], flow["in"] + flow["amount"])
                self._at[body["seq"]][flow["to"], flow["unit"]].append(laid)

    def _covers(self, of: int, flow: Body) -> bool:
        lo: int = flow["out"]
        hi: int = lo + flow["amount"]
        for span in sorted(self._at[of][flow["from"], flow["unit"]]):
            if span.lo <= lo < span.hi:
                lo = span.hi
        return lo >= hi

    @staticmethod
    def _move(places: dict[Axis, list[Span]], flow: Body) -> None:
        """Lay what is followed on the taker; units given once never come back to the same place of an axis."""
        spans = places.get((flow["from"], flow["unit"]))
        if not spans:
            return
        lo, hi, shift = flow["out"], flow["out"] + flow["amount"], flow["in"] - flow["out"]
        crossing = [Span(max(s.lo, lo), min(s.hi, hi)) for s in spans if s.lo < hi and lo < s.hi]
        if crossing and not flow["to"].startswith("source:"):
            places[flow["to"], flow["unit"]] += [Span(s.lo + shift, s.hi + shift) for s in crossing]
