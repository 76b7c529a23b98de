"""What django-allauth asks of us: who may sign up (nobody), which steps a sign-in has, and how secrets are kept."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from studio.models import TrailEntry, User
from studio.network import client_address
from studio.signing_in import brake

# Stands for the address of a client that has none, as behind a socket of this machine.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens here
SALT = b"studio.second-step"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """The adapter of allauth.account (settings.ACCOUNT_ADAPTER)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whoever joins has a link (views.sign_in.join)."""
        return False

    def get_login_stages(self) -> list[str]:
        return ["studio.signing_in.accounts.SecondStep"]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address.of_request(request) or NO_ADDRESS

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our views have their own sentences."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: our views have their own emails."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("studio:sign_in")

    def login(self, request: HttpRequest, user: User) -> None:
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])

    def post_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: dict[str, Any] | None, **how: Any
    ) -> HttpResponse:
        """Finish a sign-in, after its last step: how long the session lasts, the trail, and the browser that is known now."""
        said = signal_kwargs or {}
        request.session.set_expiry(said.get("seconds") or (None if said.get("keep", True) else 0))
        TrailEntry.log(TrailEntry.Verb.SIGNED_IN, by=user)
        response: HttpResponse = super().post_login(request, user, signal_kwargs=signal_kwargs, **how)
        brake.remember(request, response, user)
        return response


class SecondStep(AuthenticateStage):  # type: ignore[misc]
    """Asks for a code or a passkey after the password of whoever has an authenticator app.

    Whoever a provider says it asked for more than a password is not asked again: it would be the same phone twice.
    Who has a passkey alone still signs in with the password alone: the passkey spares it, and may be on another device.
    """

    urlname = "studio:second_step"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        return (redirect(self.urlname) if self._should_handle(self.request) else None), True

    def _should_handle(self, request: HttpRequest) -> bool:
        if self.login.state.get("is_proven"):
            return False
        has_app = Authenticator.objects.filter(user_id=self.login.user.pk, type=Authenticator.Type.TOTP).exists()
        return has_app and bool(super()._should_handle(request))


class SecondSteps(DefaultMFAAdapter):  # type: ignore[misc]
    """The adapter of allauth.mfa (settings.MFA_ADAPTER)."""

    def _get_user_identifier(self, user: User) -> str:
        return user.email or user.name

    def _get_site_name(self) -> str:
        return "Studio"

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with the studio's own: whoever reads a copy of the tables has no codes."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret, or another one when the studio's own has changed: then no code is right."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return str(generate_totp_secret())


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(SALT + settings.SECRET_KEY.encode()).digest()))
