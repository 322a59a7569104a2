"""The accounts' desk: funds and places, expenses, transfers, other income, reversals, the journal and balances."""
