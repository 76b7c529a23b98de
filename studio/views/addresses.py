"""The addresses of what has a code. Each is found once and then only filled in: a page has hundreds of links."""

from __future__ import annotations

import uuid
from functools import cache

from django.urls import reverse

# Stands in an address for the code.
ANY = uuid.UUID(int=0)
# And these for the token of a proof link and for a size.
ANY_TOKEN, ANY_SIZE = uuid.UUID(int=1), 1 << 62


def of(name: str, code: uuid.UUID | str) -> str:
    """Return the address `name` of what has this code."""
    return pattern(name).format(code)


@cache
def pattern(name: str) -> str:
    """Return an address with {} in place of its code."""
    return reverse(name, args=[ANY]).replace(str(ANY), "{}")


@cache
def fixed(name: str) -> str:
    """Return the address of a page that there is once."""
    return reverse(name)


@cache
def rendition() -> str:
    """Return the address of a rendition with {} for the code, the content and the size."""
    return reverse("studio:rendition", args=[ANY, "content", 0]).replace(str(ANY), "{}").replace("content-0", "{}-{}")


@cache
def of_proof(name: str, number: int = 0) -> str:
    """Return an address of a proof link with {} for its token, and for as many more: a picture's code, and a size."""
    address = reverse(f"studio:{name}", args=[ANY_TOKEN, ANY, ANY_SIZE][: number + 1])
    for one in (ANY_TOKEN, ANY, ANY_SIZE):
        address = address.replace(str(one), "{}")
    return address
