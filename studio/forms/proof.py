"""What is filled in around proof links: the link itself, a client's name, a comment."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from studio import imaging
from studio.codes import of_form
from studio.models import ProofLink, User
from studio.models.opinions.comment import NO_SPOT
from studio.models.proof.answers import LONGEST_COMMENT
from studio.models.proof.link import ProofSpec
from studio.text import names

ENDS = ((7, "7 days"), (14, "14 days"), (30, "30 days"))
USUAL_DAYS, MOST_DAYS = 14, 366
LAST_MINUTE = timedelta(minutes=1)
LEAST_PASSWORD, LONGEST_PASSWORD = 6, 100
# Short words that are hard to mishear; two of them and a number stand up to the brake on wrong ones.
_WORDS = """
amber anchor arbor aspen atlas basin beacon birch bramble breeze canvas canyon cedar cinder cobalt copper
coral cove delta ember fable falcon fern fjord flint garnet glade granite harbor hazel heron indigo island
ivory jasper juniper kelp kestrel lagoon lantern larch linen lotus lumen maple marble meadow mesa mica moss
nectar nimbus oasis onyx opal orchid otter pebble pepper petal pine plaza prism quartz quill raven reef
ridge river saffron sage sierra silver slate solar sparrow spruce stone sumac summit tango teal thistle
timber topaz tulip tundra valley velvet violet walnut willow winter zephyr
"""
WORDS = tuple(_WORDS.split())
NO_TITLE = "Write a title: it is what the client reads first."
LONG = "Shorten this to {most} characters."
BAD_DATE = "Choose a day from today on, at most a year ahead."
NO_DATE = "Choose the last day of the link."
SHORT_PASSWORD = f"Use at least {LEAST_PASSWORD} characters, or leave it empty."
UNWRITABLE = (
    "The watermark can't be drawn with {letters}: it takes Latin letters, digits and common signs. Write it with these."
)
NO_ORIGINALS = "Originals have no watermark. Choose Web size or Off, or leave the watermark empty."
NO_TEXT = "Write a comment first."
BAD_CHOICE = "Choose one of these."


def new_password() -> str:
    return f"{secrets.choice(WORDS)}-{secrets.choice(WORDS)}-{secrets.randbelow(90) + 10}"


def paragraph(text: str) -> str:
    """Return a text whose lines hide nothing."""
    return "\n".join(names.one_line(one) for one in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


class Line(forms.Field):
    """One line of at most `most` characters."""

    def __init__(self, most: int, *, is_long: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most
        self.clean_text = paragraph if is_long else names.one_line

    def to_python(self, value: Any) -> str:
        text = self.clean_text(str(value or ""))
        if len(text) > self.most:
            raise ValidationError(LONG.format(most=f"{self.most:,}"))
        return text


class ProofForm(forms.Form):
    """The link: what the client reads, how long, and what they may do."""

    title = Line(80, error_messages={"required": NO_TITLE})
    client = Line(80, required=False)
    note = Line(1000, is_long=True, required=False)
    ends = forms.ChoiceField(
        choices=[*((str(days), words) for days, words in ENDS), ("date", "Date…")],
        error_messages={"invalid_choice": BAD_CHOICE, "required": BAD_CHOICE},
    )
    day = forms.DateField(required=False, error_messages={"invalid": BAD_DATE})
    password = forms.CharField(
        required=False, strip=True, error_messages={"null_characters_not_allowed": SHORT_PASSWORD}
    )
    watermark = Line(60, required=False)
    downloads = forms.ChoiceField(
        choices=ProofLink.Downloads.choices, error_messages={"invalid_choice": BAD_CHOICE, "required": BAD_CHOICE}
    )
    may_decide = forms.BooleanField(required=False)
    may_comment = forms.BooleanField(required=False)
    shows_prompts = forms.BooleanField(required=False)
    shows_prices = forms.BooleanField(required=False)
    once = forms.UUIDField(required=False)

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if password and not LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ValidationError(
                SHORT_PASSWORD if len(password) < LEAST_PASSWORD else LONG.format(most=LONGEST_PASSWORD)
            )
        return password

    def clean_watermark(self) -> str:
        text = str(self.cleaned_data["watermark"])
        if strange := imaging.unwritable(text):
            raise ValidationError(UNWRITABLE.format(letters=" ".join(strange[:6])))
        return text

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        today = timezone.localdate()
        if data.get("ends") == "date":
            day = data.get("day")
            if day is None and "day" not in self.errors:
                self.add_error("day", NO_DATE)
            elif day is not None and not today <= day <= today + timedelta(days=MOST_DAYS):
                self.add_error("day", BAD_DATE)
        if data.get("watermark") and data.get("downloads") == ProofLink.Downloads.ORIGINAL:
            self.add_error("downloads", NO_ORIGINALS)
        return data

    @property
    def expires_at(self) -> datetime:
        """The last minute of the last day, where the studio is: also of a day with 23:59 twice, or not at all."""
        data = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        ends, day = data.get("ends") or str(self.initial.get("ends", USUAL_DAYS)), data.get("day")
        if ends != "date" or not isinstance(day, date):
            day = timezone.localdate() + timedelta(days=int(ends) if ends.isdecimal() else USUAL_DAYS)
        return last_minute(day)

    def spec_for(self, person: User) -> ProofSpec:
        """What a valid form asks for, whose link it makes once."""
        fields = ("title", "client", "note", "password", "watermark", "downloads", "may_decide", "may_comment")
        chosen = {name: self.cleaned_data[name] for name in (*fields, "shows_prompts", "shows_prices")}
        once = self.cleaned_data["once"]
        code = of_form(once, f"proof link of {person.pk}") if once else None
        return ProofSpec(**chosen, expires_at=self.expires_at, code=code)


def last_minute(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())).astimezone(UTC) - LAST_MINUTE


def odd_ends() -> list[tuple[date, str]]:
    """Return the days that can be chosen and don't end at 23:59, as the clocks change then, and when they end."""
    today = timezone.localdate()
    days = (today + timedelta(days=number) for number in range(MOST_DAYS + 1))
    ends = ((day, f"{timezone.localtime(last_minute(day)):%H:%M}") for day in days)
    return [(day, end) for day, end in ends if end != "23:59"]


def blank(title: str, client: str = "") -> dict[str, Any]:
    """What a new form starts with."""
    return {
        "title": title[:80],
        "client": client,
        "ends": str(USUAL_DAYS),
        "password": new_password(),
        "downloads": ProofLink.Downloads.OFF,
        "may_decide": True,
        "may_comment": True,
        "once": uuid.uuid4(),
    }


class NameField(forms.Field):
    """A client's name, in its one spelling."""

    def to_python(self, value: Any) -> str:
        return names.clean(str(value or "")) if str(value or "").strip() else ""


class NameForm(forms.Form):
    name = NameField(error_messages={"required": "Write your name, so that the studio knows who answers."})


BESIDE = dict.fromkeys(("invalid", "min_value", "max_value"), NO_SPOT)


class CommentForm(forms.Form):
    """A comment, and the spot that it is about (per cent); the name where none is known yet."""

    name = NameField(error_messages={"required": "Write your name, so that the studio knows who comments."})
    text = Line(LONGEST_COMMENT, is_long=True, error_messages={"required": NO_TEXT})
    x = forms.FloatField(required=False, min_value=0, max_value=100, error_messages=BESIDE)
    y = forms.FloatField(required=False, min_value=0, max_value=100, error_messages=BESIDE)
    once = forms.UUIDField(required=False)

    def __init__(self, *args: Any, is_named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_named:
            del self.fields["name"]

    @property
    def sentences(self) -> list[str]:
        """What is wrong, each once: both halves of a spot say the same."""
        return list(dict.fromkeys(str(said[0]) for said in self.errors.values()))

    @property
    def new_once(self) -> uuid.UUID:
        """Of the form as it is shown: what it sends twice is one comment."""
        return uuid.uuid4()

    @property
    def spot(self) -> tuple[float | None, float | None]:
        """The spot, or nothing where only half of it was sent."""
        x, y = self.cleaned_data.get("x"), self.cleaned_data.get("y")
        return (None, None) if x is None or y is None else (x, y)
