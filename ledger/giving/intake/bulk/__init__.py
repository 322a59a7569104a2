"""Lists of gifts, imported on screen."""
