"""The desk: what one person prepares and another approves, and the queue of what waits for whom."""
