"""The published log: the same files under /<book>/log/ as `flask audit publish` writes, and proofs for people."""
