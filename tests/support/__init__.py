"""What tests share: databases, a counter of statements, the network guard, the browser."""
