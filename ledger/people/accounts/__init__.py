"""Who signs in, with which posts, and what was noted about it."""
