"""The demo book: an invented community foundation over fourteen months, for the command line only."""
