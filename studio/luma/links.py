"""Read a link as it was meant: without what others wrapped around it, and whole where only its path came.

Nothing here decides whether a link may be followed: that is judged of what comes out (`address`).
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

# What no link begins or ends with, but what others put around it.
_AROUND = " \t\r\n\"'`<>\ufeff\u200b\u00a0"
_BREAKS = str.maketrans("", "", "\t\r\n")
_ESCAPED = re.compile(r"\\u00([0-7][0-9a-f])", re.IGNORECASE)
# Only whole ones: "&copy=" may be a parameter.
_ENTITY = re.compile(r"&(?:amp|quot|apos|lt|gt|sol|equals|#[0-9]{1,4}|#x[0-9a-f]{1,4});", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
# Any other kind of link, such as "ftp:" or "data:": nothing is added to it. A port is none.
_OTHER_KIND = re.compile(r"[a-z][a-z0-9+.-]*:(?![0-9]{1,5}/)", re.IGNORECASE)
_WITHIN = re.compile(r"https?://[^\s\"'<>\\()\[\]{}|^`]+", re.IGNORECASE)
_OF_A_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::[0-9]{1,5})?/\S", re.IGNORECASE)
_OF_A_FILE = re.compile(r"[\w./~%-]+\.(?:png|jpe?g|webp|gif|avif)(?:\?\S*)?", re.IGNORECASE)
_IN_THE_CLEAR = re.compile(r"\Ahttp://([^/?#@:\[\]\\]+)(?::80)?(?=[/?#]|\Z)", re.IGNORECASE)
# Twice escaped is seen, and longer texts are no links.
_MOST_ESCAPED, _LONGEST = 3, 32_000


def tidied(text: str) -> str:
    """Return a link without quotes, brackets, entities and broken lines; what is no link as it came."""
    if len(text) > _LONGEST:
        return text
    link = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text.replace("\\/", "/"))
    link = link.strip(_AROUND).translate(_BREAKS)
    for _ in range(_MOST_ESCAPED):
        link = _ENTITY.sub(lambda one: html.unescape(one[0]), link)
    link = link.strip(_AROUND)
    if _ABSOLUTE.match(link) or is_partial(link):
        return link.partition(">")[0]  # "<https://…>; rel=…"
    # As in "![the picture](https://…)": of several nobody knows which is meant.
    within = set(_WITHIN.findall(link))
    return within.pop() if len(within) == 1 else text


def is_link(text: str) -> bool:
    """Whether a tidied text is a link, whole or in part."""
    return _ABSOLUTE.match(text) is not None or is_partial(text)


def is_partial(text: str) -> bool:
    """Whether it is what is left of a link without its host or its "https:"."""
    if text.startswith(("/", "./", "../")):
        return len(text) > 1 and not text[1].isspace()
    is_bare = _OTHER_KIND.match(text) is None
    return is_bare and bool(_OF_A_HOST.match(text) or _OF_A_FILE.fullmatch(text))


def whole(link: str, base: str) -> str:
    """Return a link with what it lacks, as a browser takes it from the address that answered.

    An http link becomes https where the API is asked by https: in the clear it would not be followed.
    """
    scheme = base.partition(":")[0]
    if is_partial(link):
        of_a_host = not link.startswith((".", "/")) and _OF_A_HOST.match(link)
        try:
            link = f"{scheme}://{link}" if of_a_host else urljoin(base, link)
        except ValueError:
            return link  # judged as it came
    return (
        _IN_THE_CLEAR.sub(r"https://\1", link, count=1) if scheme == "https" and link[:5].lower() == "http:" else link
    )
