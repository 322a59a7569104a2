"""One-time links, and the first admin of an installation."""
