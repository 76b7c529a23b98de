"""What the tag {% url %} does in every template: to find an address anew costs more than all else of a short link."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.template import Context, Node
from django.template.base import FilterExpression
from django.template.defaulttags import URLNode

from studio.views import addresses

OWN = "studio:"


class KeptAddress(Node):
    """An address of Studio without arguments, or with one that is a code; Django's tag finds all others."""

    def __init__(self, found: URLNode) -> None:
        self.found = found
        self.argument: FilterExpression | None = next(iter(found.args), None)

    @classmethod
    def of(cls, found: URLNode) -> Self | URLNode:
        """Return the tag that keeps what it finds; `found` itself where each address may be another."""
        return found if found.kwargs or len(found.args) > 1 else cls(found)

    def render(self, context: Context) -> str:
        address = self._address(context)
        if address is None:
            return str(self.found.render(context))
        if self.found.asvar:
            context[self.found.asvar] = address
            return ""
        return address

    def _address(self, context: Context) -> str | None:
        name: Any = self.found.view_name.resolve(context)
        if not isinstance(name, str) or not name.startswith(OWN):
            return None
        if self.argument is None:
            return None if self.found.asvar else addresses.fixed(name)
        value: Any = self.argument.resolve(context)
        return addresses.of(name, value) if isinstance(value, uuid.UUID) else None
