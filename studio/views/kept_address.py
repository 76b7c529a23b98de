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
    """An address of Studio that is written out in a template: without arguments, or with one that is a code."""

    def __init__(self, name: str, argument: FilterExpression | None, found: URLNode) -> None:
        self.name = name
        self.argument = argument
        self.found = found

    @classmethod
    def of(cls, found: URLNode) -> Self | URLNode:
        """Return the tag that keeps what it finds; `found` itself where each address may be another."""
        name = found.view_name.var
        is_written = isinstance(name, str) and name.startswith(OWN) and not found.view_name.filters
        if not is_written or found.kwargs or found.asvar or len(found.args) > 1:
            return found
        return cls(str(name), next(iter(found.args), None), found)

    def render(self, context: Context) -> str:
        if self.argument is None:
            return addresses.fixed(self.name)
        value: Any = self.argument.resolve(context)
        if isinstance(value, uuid.UUID):
            return addresses.of(self.name, value)
        return str(self.found.render(context))
