"""Names of people have one spelling, hide nothing and look like nobody else's; passwords are judged beside them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from studio.forms.account.sign_in import JoinForm, PasswordForm
from studio.models import User
from studio.text import names
from tests import people

TAKEN, ALIKE = "already uses this name", "looks the same"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ada \u00a0 Lovelace\n", "Ada Lovelace"),
        ("\uff21\uff44\uff41", "Ada"),
        ("Ame\u0301lie", "Am\u00e9lie"),
        ("\ufb01sh", "fish"),
        ("Zoë O’Neil-Žižek", "Zoë O’Neil-Žižek"),
        ("王小明", "王小明"),
        ("Ольга", "Ольга"),
        ("أحمد", "أحمد"),
        ("Team 2", "Team 2"),
    ],
)
def test_a_name_has_one_spelling(written: str, kept: str) -> None:
    assert names.clean(written) == kept


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Alice Moreau", "AM"),
        ("佐藤 美咲", "佐美"),
        ('<b>Tom</b> & "Co"', "BC"),
        ("(Rae)", "R"),
        ("Mo – 3rd", "M3"),
        ("—", ""),
    ],
)
def test_an_avatar_has_letters_and_no_signs(name: str, letters: str) -> None:
    assert names.initials(name) == letters


@pytest.mark.parametrize(
    ("written", "words"),
    [
        *(
            (f"A{hidden}da", "can't be seen")
            for hidden in (
                *("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u200f", "\u061c", "\x00"),
                *("\x1b", "\t", "\x85", "\u2028", "\u034f", "\ufe0f", "\u3164", "\u115f", "\u2800", "\ue000"),
                *("\U000e0041", "\U000e0101", "\ud800", "\uffff"),
            )
        ),
        ("\u200b", "can't be seen"),
        ("", "with letters"),
        ("...", "with letters"),
        ("\u0301Ada", "with letters"),
        ("ada\uff20studio", "contain @"),
        ("\ufdfa" * 5, "Shorten the name to 80"),
    ],
)
def test_a_name_that_hides_something_is_refused(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        names.clean(written)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("\u0410da", "Ada"),  # Cyrillic
        ("\u0430da", "Ada"),
        ("\u0391da", "Ada"),  # Greek
        ("Ad\u0251", "Ada"),  # IPA
        ("\u0420\u041e\u041c\u0410", "POMA"),
        ("Bi11", "Bill"),
        ("BiIl", "Bill"),
        ("J0rn", "JOrn"),
        ("Torn", "Tom"),
        ("O’Neil", "O'Neil"),
        ("STRASSE", "straße"),
        ("ÄRZTE", "ärzte"),
        ("\ud835\udd38da".encode("utf-16", "surrogatepass").decode("utf-16"), "Ada"),
    ],
)
def test_a_name_that_looks_like_another_is_found(name: str, other: str) -> None:
    assert names.like(name, ["Zoe", other]) == other
    assert names.like(other, ["Zoe", name]) == name


@pytest.mark.parametrize(("name", "other"), [("Jorg", "Jörg"), ("Ada", "Adam"), ("Anna", "Hanna"), ("Olga", "Ольга")])
def test_another_name_is_another(name: str, other: str) -> None:
    assert names.like(name, [other]) is None


def test_every_way_in_takes_names_by_the_same_rules(ada: User, alice: User) -> None:
    alike, hidden = "\u0410da Admin", "Ada\u200b"
    for name, words in [("ADA  ADMIN", TAKEN), (alike, ALIKE), (hidden, "can't be seen"), ("a@b", "contain @")]:
        form = JoinForm({"name": name, "password": people.PASSWORD})
        assert words in form.errors["name"][0]
        for create in (User.objects.create_user, User.objects.create_superuser):
            with pytest.raises(ValidationError, match=words):
                create(name, people.PASSWORD)
        with pytest.raises(CommandError, match=words):
            call_command("createsuperuser", name=name, interactive=False, stdout=io.StringIO())
        alice.name = name
        with pytest.raises(ValidationError, match=words):
            alice.save()
        with pytest.raises(ValidationError, match=words):
            alice.full_clean()
    assert User.objects.count() == 2


def test_a_person_may_keep_their_name_in_other_letters(ada: User) -> None:
    ada.name = "  ada   ADMIN "
    ada.save()
    assert User.objects.get(pk=ada.pk).name == "ada ADMIN"


def test_somebody_is_known_in_every_spelling_of_their_name(db: None) -> None:
    person = people.make_person("Ärzte Zoë")
    for spelling in ("ärzte zoë", "A\u0308RZTE ZOE\u0308", " Ärzte\u00a0Zoë "):
        assert User.objects.known_as(spelling) == person
    assert User.objects.known_as("Àrzte Zoë") is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Alice Moreau", "too similar to the name"),
        ("alicemoreau1", "too similar to the name"),
        ("alice@studio.example", "too similar to the"),
        (" " * 12, "characters that can be seen"),
        ("\u00a0\u2003" * 6, "characters that can be seen"),
        ("\u200b\u2060" * 6, "characters that can be seen"),
    ],
)
def test_a_password_is_judged_beside_its_person(alice: User, password: str, words: str) -> None:
    reset = PasswordForm({"password": password}, person=alice)
    User.objects.filter(pk=alice.pk).update(name="Somebody", email="else@studio.example")
    join = JoinForm({"name": "Alice Moreau", "email": "alice@studio.example", "password": password})
    for form in (reset, join):
        assert words in " ".join(form.errors["password"])
    with pytest.raises(ValidationError, match=words):
        validate_password(password, alice)  # as Django's own commands do


def test_a_password_may_contain_blanks(settings: Any, alice: User) -> None:
    assert PasswordForm({"password": "  blue harbour  "}, person=alice).is_valid()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" Harbour \r\n dusk\x00 ", "Harbour dusk"),
        ("\u202eevil\u2066 name", "evil name"),
        ("co\u00adoperate\u200b\ufeff", "cooperate"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),  # joiners belong to emoji and to Persian words
        ("e\u0301", "é"),
        ("\u200d", ""),
        (" \u2800\u3164 ", ""),
    ],
)
def test_a_name_of_a_thing_is_one_line_that_shows_itself(text: str, line: str) -> None:
    assert names.one_line(text) == line
