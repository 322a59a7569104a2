"""Books: opened, corrected by reversal, described as a whole."""
