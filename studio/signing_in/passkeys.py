"""Passkeys: what a browser is asked to make or to prove, and whether what it answers is right (WebAuthn, by allauth.mfa)."""

from __future__ import annotations

import ipaddress
import json
import struct
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from studio.models import User

LONGEST = 20_000  # characters of what a browser answers
LONGEST_NAME = 60
# What fido2 raises for an answer that is none, beside its own reasons, which are ValueErrors.
NONSENSE = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error, RecursionError)


def why_not(request: HttpRequest) -> str:
    """Return "" where browsers have passkeys, else why not and what to do, in a sentence."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if host == "localhost" or host.endswith(".localhost"):
        return ""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "" if request.is_secure() else "Passkeys need https: ask an admin to put Studio behind it."
    return "Passkeys need the name of a host: open Studio by its name, not by a number."


def of(person: User) -> list[Authenticator]:
    """Return the passkeys of a person, the oldest first."""
    return list(Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def begin_adding(person: User) -> dict[str, Any]:
    """Return what the browser of this request is asked to make, and note the challenge in its session."""
    options: dict[str, Any] = auth.begin_registration(person, passwordless=True)
    return options


def add(person: User, name: str, answer: str) -> Authenticator | None:
    """Keep the passkey that the browser made, or return None when its answer is not right."""
    credential = _read(answer)
    try:
        auth.parse_registration_response(credential)
        made = auth.complete_registration(credential)
    except NONSENSE:
        return None
    if not made.is_user_verified():
        return None
    found: Authenticator = auth.WebAuthn.add(person, name, credential).instance
    return found


def begin_proving(person: User | None = None) -> dict[str, Any]:
    """Return what the browser is asked to prove: that it has a passkey of `person`, or of anybody."""
    options: dict[str, Any] = auth.begin_authentication(person)
    return options


def proven(answer: str, *, person: User | None = None) -> Authenticator | None:
    """Return the passkey whose proof is right, with its person as `user`, or None. Each challenge works once."""
    credential = _read(answer)
    try:
        response = auth.parse_authentication_response(credential)
        owner = person or auth.extract_user_from_response(credential)
        found: Authenticator = auth.complete_authentication(owner, credential)
    except NONSENSE:
        return None
    finally:
        auth.clear_state()
    if person is None and not response.response.authenticator_data.is_user_verified():
        return None
    return found


def _read(answer: str) -> Any:
    try:
        return json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
