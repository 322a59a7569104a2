"""A witness: it watches logs grow and cosigns what continues what it saw before (C2SP tlog-witness).

A partner foundation or an auditor runs it on a machine of their own; it needs the standard library, `cryptography` and
`ledger.core` only. `python -m ledger.witness init FOLDER NAME`, then any WSGI server with `ledger.witness.app:create`.
"""
