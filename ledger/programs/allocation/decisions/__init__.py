"""What a committee decided, and what may be granted under it."""
