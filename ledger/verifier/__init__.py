"""The offline verifier: `python -m ledger.verifier DIR-or-slip --key VKEY [--witness-policy FILE]`.

The standard library, `cryptography` and `ledger.core` only: no web framework, no database. It believes nothing but
the key it is given, and the files.
"""
