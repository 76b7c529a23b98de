"""Ticks of a form that another tab or another admin may have saved meanwhile: only what this form changed is stored."""

from __future__ import annotations

from collections.abc import Collection

from django.http import QueryDict


def merged(now: Collection[str], fields: QueryDict, sent: Collection[str]) -> set[str]:
    """Return what is ticked after a form was sent. It shows in `was` what it began with; without that all of it counts."""
    if "was_shown" not in fields:
        return set(sent)
    was = set(fields.getlist("was"))
    return (set(now) - (was - set(sent))) | (set(sent) - was)
