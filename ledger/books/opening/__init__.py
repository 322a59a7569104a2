"""A new book, opened in the browser."""
