"""Looks, and what a page says of them."""

from __future__ import annotations

import html
import re
from typing import Any


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
