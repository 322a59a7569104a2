"""`make bench`: how fast the ledger is, as ratios to yardsticks measured in the same run.

Nothing here is asserted by `make test`: times depend on the machine, ratios much less.
"""
