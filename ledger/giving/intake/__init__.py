"""The desk's pages of what comes in: gifts, lists of gifts, earmarks, campaigns."""
