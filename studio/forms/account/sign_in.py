"""The forms for signing in, joining and choosing a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from studio.forms.account.fields import WholeEmail, WholeText
from studio.models import User
from studio.text import names

LONGEST_PASSWORD = 200  # characters: hashing takes its time with each of them


class SignInForm(forms.Form):
    """A name or email and its password. The fields are called as django-axes counts them."""

    username = WholeText(
        label="Email or name", max_length=254, widget=forms.TextInput(attrs={"autocomplete": "username", "dir": "auto"})
    )
    password = WholeText(
        label="Password",
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    keep = forms.BooleanField(
        label="Keep me signed in on this device",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "check"}),
    )


def new_password() -> WholeText:
    """A field to choose a password in, with the rule it has to pass."""
    return WholeText(
        label="Password",
        max_length=LONGEST_PASSWORD,
        strip=False,
        help_text=password_validators_help_texts()[0],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class PasswordForm(forms.Form):
    """A new password for somebody of the team."""

    password = new_password()

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


class JoinForm(forms.Form):
    """A new person: name, email if they like, and a password of their own."""

    name = WholeText(
        label="Name", max_length=names.LONGEST, widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"})
    )
    email = WholeEmail(
        label="Email",
        required=False,
        max_length=254,
        help_text="You can also use it to sign in.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = new_password()

    def clean_name(self) -> str:
        return User.objects.free_name(self.cleaned_data["name"])

    def clean_email(self) -> str:
        return User.objects.free_email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        password = self.cleaned_data.get("password")
        if password:
            person = User(name=self.cleaned_data.get("name", ""), email=self.cleaned_data.get("email"))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data
