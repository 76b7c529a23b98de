"""The filters of a call: what the gallery's page would leave out is refused, because programs act on all that is found."""

from __future__ import annotations

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

from studio.api.door import Refused
from studio.models import User
from studio.views.gallery.dates import Span
from studio.views.gallery.filters import BY_NAME, MOST_CHOSEN
from studio.views.gallery.finder import Finder

DAYS = frozenset({"from", "to"})
NAMES = ", ".join([*BY_NAME, *sorted(DAYS)])
OLDEST = ("sort", ["oldest"])
NO_FILTER = "There is no filter “{name}”. These are there: {names}."
NO_VALUE = "The filter “{name}” does not know “{value}”. Leave it out, or give a value that the gallery offers."
TOO_MANY = f"Give at most {MOST_CHOSEN} values for each filter."


def understood(filters: str, person: User) -> Finder:
    """Read the filters of a call. Raises Refused (422) where one of them means nothing."""
    try:
        asked = QueryDict(filters)
    except TooManyFieldsSent:
        raise _refused(TOO_MANY) from None
    for name, values in asked.lists():
        if name in DAYS:
            known = [one for one in values if Span.read(one, "").first]
        elif name in BY_NAME:
            if len(set(values)) > MOST_CHOSEN:
                raise _refused(TOO_MANY)
            found = [one for one in BY_NAME[name].read(sorted(set(values)), person) if not one.is_gone]
            known = values if len(set(found)) == len(set(values)) else [one.value for one in found]
        elif name == "q" or (name, values) == OLDEST:
            continue
        else:
            raise _refused(NO_FILTER.format(name=name[:60], names=NAMES))
        if wrong := [one for one in values if one not in known]:
            raise _refused(NO_VALUE.format(name=name, value=wrong[0][:60]))
    return Finder.read(asked, person)


def _refused(sentence: str) -> Refused:
    return Refused(422, "invalid", sentence, {"filters": [sentence]})
