"""What a person reads of a page."""

from __future__ import annotations

import html
import re
from typing import Any


def text(response: Any) -> str:
    """Return the words of a page, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
