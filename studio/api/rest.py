"""The rest of an address, whatever it holds: with line breaks too, which Django's own `path` leaves to people's pages."""

from __future__ import annotations

from django.urls.converters import PathConverter


class RestConverter(PathConverter):
    regex = r"[\s\S]+"
