"""Random stories of a foundation, for comparing sums with what they are sums of."""

from ledger.core.errors import LedgerError
from ledger.programs.actions import confirm_service

HOURS = "volunteer-hour"


def tell(small, dice, steps):
    """Let a foundation do what comes to its mind; what the ledger refuses is left out."""
    services, waiting, seqs, grants = [], [], [], []
    for _ in range(steps):
        small.day = small.day.replace(month=dice.randint(1, 12), day=dice.randint(1, 28))
        n = len(services)
        todo = dice.choice(["give", "give", "hours", "grant", "serve", "serve", "serve", "confirm", "confirm", "undo"])
        try:
            if todo == "give":
                giver = dice.choice([{}, {"taker": "fund:elder"}, {"donor": dice.choice("甲乙丙")}])
                seqs.append(small.give(dice.randint(100, 900), **giver))
            elif todo == "hours":
                seqs.append(small.give(60, source="source:volunteer", unit=HOURS, taker="fund:elder"))
            elif todo == "grant":
                code = f"G{len(grants)}"
                seqs.append(small.grant(code, 200, giver=dice.choice(["fund:general", "fund:elder"])))
                grants.append(code)
            elif todo == "serve":
                wishes = [("fund:elder", 50, "CNY"), ("source:volunteer", 30, HOURS), ("fund:elder", 20, HOURS)]
                wishes += [(f"grant:{code}", 60, "CNY") for code in grants[-2:]]
                used = dice.sample(wishes, dice.randint(0, 3))
                more = {"project": dice.choice(["meals", []]), "residents": dice.choice([0, 3, 40])}
                seqs.append(small.serve(f"S{n}", used, **more))
                services.append(f"S{n}")
                waiting += [(f"S{n}", "community", "heping"), (f"S{n}", "worker", "w01")]
            elif todo == "confirm" and waiting:
                small.do(confirm_service, *waiting.pop(dice.randrange(len(waiting))))
            elif todo == "undo" and seqs:
                small.reverse(seqs.pop(dice.randrange(len(seqs))))
        except LedgerError:
            continue
        yield
