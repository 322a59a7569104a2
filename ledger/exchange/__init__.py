"""Formats in and out. Pure: files and parsed bodies in, typed lines and text out; no framework, no database."""
