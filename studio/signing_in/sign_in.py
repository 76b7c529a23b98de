"""How Django finds the person behind a name and a password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from studio.models import ApiFile, ApiToken, User
from studio.models.account.rights import PERSON_BY_KEY
from studio.models.account.token import TokenRefused
from studio.signing_in.session_store import SessionStore
from studio.text import names


class NameOrEmailBackend(ModelBackend):
    """Sign in with the name or the email address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        person = User.objects.known_as(username)
        if person is None:
            User().set_password(password)  # take the same time for an unknown name
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, as every page asks."""
        person = PERSON_BY_KEY.first(user_id)
        return person if person and self.user_can_authenticate(person) else None


class NotBlankPassword:
    """Refuse a password of blanks and of characters that show nothing."""

    def validate(self, password: str, user: User | None = None) -> None:
        if names.is_blank(password):
            raise ValidationError("A password needs characters that can be seen.", code="password_blank")

    def get_help_text(self) -> str:
        return "Your password needs characters that can be seen."


def may_send_files(cookies: str, authorization: str = "") -> bool:
    """Whether these headers belong to somebody who is signed in, or has a token; the web server asks before it takes a
    file."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() == "bearer":
        try:
            return bool(ApiToken.of_secret(secret.strip(), now=timezone.now()))
        except TokenRefused:
            return False
    if scheme == "Upload":
        return ApiFile.of_upload(secret.strip()) is not None
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    return bool(key) and SESSION_KEY in SessionStore(key).load()
