"""Pure arithmetic of the ledger: standard library only, no input or output."""
