"""Send an invite to the address it was made for."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.http import HttpRequest

from studio.models import Invite, User
from studio.network import mail
from studio.text.names import isolated
from studio.views.request import viewer

INVITE_MAIL = """Hello,

{name} invited you to Studio, where the team makes and keeps its pictures. Join here:

{link}

The link works once and for seven days.
"""
LONGEST = 254  # characters of an address
KNOWN = "{email} is the address of {name}, who is on the team already. No invite was made."
LEFT = "{email} is the address of {name}, who has no access any more. Give it back instead: no invite was made."
NOT_AN_ADDRESS = "That is not an email address, so no invite was made."


def address_in(request: HttpRequest) -> str:
    """Return the address of the form in one spelling, or "".

    Raises ValidationError when it is none, and for that of somebody on the team, who could not join with it.
    """
    found = request.POST.get("email", "").strip().lower()
    if found:
        try:
            validate_email(found)
            MaxLengthValidator(LONGEST)(found)
        except ValidationError:
            raise ValidationError(NOT_AN_ADDRESS) from None
        if known := User.objects.known_as(found):
            sentence = KNOWN if known.is_active else LEFT
            raise ValidationError(sentence.format(email=found, name=isolated(known.name)))
    return found


def send(request: HttpRequest, invite: Invite, link: str) -> None:
    """Send the link to the invite's address, if it has one, and say whether it went. The link is shown as well."""
    if not invite.email:
        return
    if not settings.STUDIO_EMAIL:
        messages.error(request, f"This Studio sends no email: send the link to {invite.email} yourself.")
    elif mail.send(invite.email, "Join Studio", INVITE_MAIL.format(name=isolated(viewer(request).name), link=link)):
        messages.success(request, f"The link is on its way to {invite.email}.")
    else:
        messages.error(request, f"The email couldn't be sent: send the link to {invite.email} yourself.")
