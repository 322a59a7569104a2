"""Checkpoints: signed statements of how long the log is and what it holds, and the proofs that lead to them."""
