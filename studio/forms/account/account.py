"""The forms of somebody's own account: each change that opens or closes a door asks for the password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from studio.forms.account.fields import WholeEmail, WholeText
from studio.forms.account.sign_in import LONGEST_PASSWORD, new_password
from studio.models import User
from studio.signing_in import brake, passkeys
from studio.text import names

WRONG = "Wrong password."


class ConfirmForm(forms.Form):
    """The password of whoever is signed in. Wrong ones are counted as at sign-in."""

    password = WholeText(
        label="Password",
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, person: User, *args: Any, **kwargs: Any) -> None:
        # Several of these forms stand on one page.
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}-%s", **kwargs})
        self.request, self.person = request, person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if authenticate(self.request, username=self.person.name, password=password) != self.person:
            raise ValidationError(WRONG)
        brake.forgive_here(self.request, self.person.name)
        return password


class EmailForm(ConfirmForm):
    """Another email address, or none."""

    email = WholeEmail(
        label="New email", required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ("email", "password")

    def clean_email(self) -> str:
        return User.objects.free_email(self.cleaned_data["email"], of=self.person)


class NameForm(ConfirmForm):
    """Another name, under the rules of all names."""

    name = WholeText(
        label="New name", max_length=names.LONGEST, widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
    )
    field_order = ("name", "password")

    def clean_name(self) -> str:
        return User.objects.free_name(self.cleaned_data["name"], of=self.person)


class NewPasswordForm(ConfirmForm):
    """The password that is, and the one that shall be."""

    new = new_password()
    field_order = ("password", "new")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label, self.fields["new"].label = "Current password", "New password"

    def clean_new(self) -> str:
        password: str = self.cleaned_data["new"]
        validate_password(password, self.person)
        return password


class AppForm(ConfirmForm):
    """The first code of an authenticator app."""

    code = WholeText(
        label="Code",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    field_order = ("code", "password")


class AppOffForm(ConfirmForm):
    """Turn the second step off."""


class NewCodesForm(ConfirmForm):
    """Make new recovery codes."""


class PasskeyForm(ConfirmForm):
    """A name for a new passkey."""

    name = WholeText(
        label="Name of the device",
        max_length=passkeys.LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Work laptop", "autocomplete": "off", "dir": "auto"}),
    )
    field_order = ("name", "password")
