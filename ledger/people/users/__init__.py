"""What admins do with users and their posts."""
