"""A token as a form asks for it: judged field by field, and nothing of it lost when something is wrong."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError
from django.http import QueryDict

from studio.codes import of_form, read_code
from studio.forms import amounts
from studio.models import ApiToken, User
from studio.models.account.token import LONGEST_NAME, MOST_LIVE
from studio.text.names import one_line

LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("never", "Never"))
SCOPES = (
    (ApiToken.Scope.READ, "Read", "See jobs, pictures and boards, and download."),
    (ApiToken.Scope.MAKE, "Make", "Generate, edit, split, upload, and fill boards. Costs money."),
    (ApiToken.Scope.DECIDE, "Decide", "Approve, reject, rate, star, tag and comment."),
    (ApiToken.Scope.ADMIN, "Admin", "See and revoke everybody's tokens."),
)
CAPS = (("cap_per_day", "a day"), ("cap_per_month", "a month"))
MOST_DOLLARS = Decimal(100_000)
NO_NAME = "Give the token a name: what will use it?"
LONG_NAME = f"Shorten the name to {LONGEST_NAME} characters."
NO_SCOPE = "Choose at least one thing it may do."
NO_LIFE = "Choose when it ends."
NO_AMOUNT = "Write an amount in dollars, such as 5 or 2.50, up to 100,000, or leave it empty."
TOO_MANY = f"You have {MOST_LIVE} tokens that work. Revoke one first."
MADE_ALREADY = "This token was made already, and its secret was shown. If you missed it, revoke it and make another."
NOT_YOURS = {
    ApiToken.Scope.MAKE: "A viewer's token can't make. Leave out Make.",
    ApiToken.Scope.DECIDE: "You may not approve or reject, so your token can't. Leave out Decide.",
    ApiToken.Scope.ADMIN: "Only an admin's token can do an admin's work. Leave out Admin.",
}


class MadeAlready(Exception):
    """The same form made a token already."""


class TokenForm:
    """What the page shows, sent or not; `once` lets a form make one token, however often it is sent."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.once = uuid.uuid4()
        self.name, self.life = "", "90"
        self.scopes = [ApiToken.Scope.READ.value, *([ApiToken.Scope.MAKE.value] if person.can_make else [])]
        self.amounts = dict.fromkeys((name for name, _ in CAPS), "")
        self.caps: dict[str, Decimal | None] = {}
        self.errors: dict[str, str] = {}

    @classmethod
    def sent(cls, person: User, fields: QueryDict, now: datetime) -> TokenForm:
        """Judge what was sent; `errors` has a sentence for each field that has to change."""
        form = cls(person)
        if once := read_code(fields.get("once", "")):
            form.once = once
        else:
            form.errors["name"] = "This form was out of date and has been renewed. Press Make token again."
        form.name, form.life = one_line(fields.get("name", "")), fields.get("life", "")
        form.scopes = [one for one in ApiToken.Scope.values if one in fields.getlist("scope")]
        if not form.name:
            form.errors["name"] = NO_NAME
        elif len(form.name) > LONGEST_NAME:
            form.errors["name"] = LONG_NAME
        if form.life not in dict(LIVES):
            form.life, form.errors["life"] = "90", NO_LIFE
        rights = {"make": person.can_make, "decide": person.can_decide, "admin": person.is_admin}
        denied = [one for one in form.scopes if not rights.get(one, True)]
        if denied or not form.scopes:
            form.errors["scope"] = NOT_YOURS[ApiToken.Scope(denied[0])] if denied else NO_SCOPE
        for name, _ in CAPS:
            form._read_amount(name, one_line(fields.get(name, "")))
        if not form.errors and ApiToken.objects.live(now).filter(person=person).count() >= MOST_LIVE:
            form.errors["name"] = TOO_MANY
        return form

    def _read_amount(self, name: str, raw: str) -> None:
        self.amounts[name], self.caps[name] = raw, None
        if not raw:
            return
        try:
            self.caps[name] = amounts.dollars(raw, most=MOST_DOLLARS)
        except ValueError:
            self.errors[name] = NO_AMOUNT

    def make(self, now: datetime) -> tuple[ApiToken, str]:
        """Make the token; call it where there are no errors. Raises MadeAlready."""
        ends = None if self.life == "never" else now + timedelta(days=int(self.life))
        choices = {"name": self.name, "scopes": self.scopes, "expires_at": ends, **self.caps}
        code = of_form(self.once, f"token of {self.person.pk}")
        if ApiToken.objects.filter(code=code).exists():
            raise MadeAlready
        try:
            return ApiToken.issue(self.person, code=code, now=now, **choices)  # type: ignore[arg-type]
        except IntegrityError:
            raise MadeAlready from None

    # ---- What the page shows

    @property
    def scope_rows(self) -> list[tuple[str, str, str, bool]]:
        rights = {"make": self.person.can_make, "decide": self.person.can_decide, "admin": self.person.is_admin}
        return [
            (one.value, label, words, one.value in self.scopes)
            for one, label, words in SCOPES
            if rights.get(one.value, True)
        ]

    @property
    def cap_rows(self) -> list[tuple[str, str, str, str]]:
        return [(name, words, self.amounts[name], self.errors.get(name, "")) for name, words in CAPS]

    @property
    def lives(self) -> tuple[tuple[str, str], ...]:
        return LIVES
