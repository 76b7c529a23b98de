"""A prompt on a page that takes one as it is: without choices in braces and without looks."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from studio.forms.create.asked import clean_text
from studio.models import Look, Picture, RemoteFile, User
from studio.text import combinations, look_text
from studio.text.combinations import Refused

CHOICES_HERE = "Choices in braces are for Create. Write one prompt here, or \\{ for a plain brace."
LOOK_HERE = "#{tag} is a look, and looks are for Create. Take it out of the prompt here."


def one_prompt(raw: str, person: User) -> str:
    """Return the words that are sent for what was typed. Raises Refused for choices in braces and for a look."""
    prompt = combinations.plain(clean_text(raw))
    if prompt is None:
        raise Refused(CHOICES_HERE)
    known = Look.objects.known_tags(look_text.tags(prompt), person)
    if known:
        raise Refused(LOOK_HERE.format(tag=known[0]))
    return prompt


def refused_inputs(pictures: Sequence[Picture]) -> dict[int, str]:
    """Return why Luma has lately refused some of these pictures, by their key: known before anything is paid."""
    if not pictures:
        return {}
    refused = RemoteFile.objects.refused(pictures, provider=settings.LUMA_BASE_URL, now=timezone.now())
    return dict(refused.values_list("picture_id", "reason"))
