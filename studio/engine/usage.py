"""Ask Luma what it counted on a day. Its usage address is only mentioned, not described (luma-api.md section 2).

So the answer is kept as it came, for an admin to read, and no figure is guessed from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

from django.utils import timezone

from studio.luma import Luma, errors
from studio.models import ProviderUsage, User
from studio.models.spend.provider_usage import LONGEST_ANSWER

NOT_OFFERED = "Luma has no usage at this address (HTTP 404). Enter the figures of its dashboard."


def ask(day: date, open_luma: Callable[[], Luma], *, by: User | None) -> ProviderUsage:
    """Ask with one free GET and store what came of it."""
    answer = asyncio.run(_ask(day, open_luma))
    source = ProviderUsage.Source.API
    return ProviderUsage.objects.create(
        day=day, source=source, person=by, at=timezone.now(), answer=answer.replace("\x00", "")[:LONGEST_ANSWER]
    )


async def _ask(day: date, open_luma: Callable[[], Luma]) -> str:
    async with open_luma() as luma:
        try:
            return await luma.usage(day)
        except errors.NotFound:
            return NOT_OFFERED
        except errors.Error as error:
            return str(error)
