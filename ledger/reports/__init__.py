"""Documents: figures in words, and templates turned into PDF. Knows no framework."""
