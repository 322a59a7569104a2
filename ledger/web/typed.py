"""What people type, in plain forms; no framework."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Return what was typed in plain forms, without spaces: １，０００。５ → 1,000.5."""
    return "".join(unicodedata.normalize("NFKC", text).replace("。", ".").replace("、", ",").split())
