from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Invite, Notification, TrailEntry, User
from studio.models.account.second_step import has_second_step, remove_second_step
from tests import people
from tests.people import PASSWORD
from tests.views.second_steps import ACCOUNT, CODES, CREATE, SETUP, SIGN_IN, STEP, knock


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


def code_of(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def wrong_for(secret: str) -> str:
    right = {code_of(secret, ahead) for ahead in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", *map(str, range(333333, 333350))) if code not in right)


def secret_in(html: str) -> str:
    found = re.search(r"account__secret\">([A-Z2-7 ]+)<", html)
    assert found
    return found[1].replace(" ", "")


class WithApp:
    """Cleo, who has turned the second step on in one browser."""

    def __init__(self, cleo: User) -> None:
        self.person, self.client = cleo, Client()
        knock(self.client)
        self.secret = secret_in(self.client.get(SETUP).content.decode())
        # The codes before and after count too, and each once: this one leaves the present one for the test.
        answer = self.client.post(SETUP, {"code": code_of(self.secret, -1), "password": PASSWORD})
        assert (answer.status_code, answer.url) == (302, CODES)
        html = self.client.get(CODES).content.decode()
        self.codes = re.findall(r"<li>(\d{4} \d{4})</li>", html)

    def code(self) -> str:
        return code_of(self.secret)


@pytest.fixture
def app(cleo: User) -> WithApp:
    return WithApp(cleo)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# ---- Turning it on and off


def test_the_step_is_turned_on_by_a_first_code_and_the_password(cleo: User) -> None:
    client = Client()
    knock(client)
    html = client.get(SETUP).content.decode()
    secret = secret_in(html)
    assert ("<svg viewBox=" in html, "<?xml" in html, "style=" in html) == (True, False, False)
    assert secret_in(client.get(SETUP).content.decode()) == secret, "a reload keeps what was scanned"
    wrong = client.post(SETUP, {"code": wrong_for(secret), "password": PASSWORD})
    assert (wrong.status_code, "Wrong code." in wrong.content.decode()) == (422, True)
    assert client.post(SETUP, {"code": code_of(secret), "password": "wrong"}).status_code == 422
    assert client.post(SETUP, {"code": "\x00", "password": PASSWORD}).status_code == 422
    assert not has_second_step(cleo)
    code = code_of(secret)
    assert client.post(SETUP, {"code": f"{code[:3]} {code[3:]}", "password": PASSWORD}).url == CODES
    assert has_second_step(cleo)
    assert TrailEntry.objects.newest_first()[0].text == "Turned the second step on"
    assert client.get(SETUP).url == ACCOUNT
    kept = str(Authenticator.objects.get(type="totp").data)
    assert secret not in kept, "a copy of the tables has no codes"
    knock(other := Client())
    assert other.post(STEP, {"code": code}).status_code == 422, "it has worked once already"


def test_recovery_codes_are_shown_for_a_while_and_can_be_taken_along(app: WithApp) -> None:
    assert len(app.codes) == len(set(app.codes)) == 10
    file = app.client.get(f"{CODES}?file")
    assert file.headers["Content-Disposition"] == 'attachment; filename="studio-recovery-codes.txt"'
    assert all(code in file.content.decode() for code in app.codes)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        late = app.client.get(CODES, follow=True)
    assert "Recovery codes are shown once." in late.content.decode()
    assert not any(code in late.content.decode() for code in app.codes)


def test_new_recovery_codes_replace_the_old_ones(app: WithApp) -> None:
    renew = reverse("studio:new_recovery_codes")
    assert app.client.post(renew, {"password": "wrong"}).status_code == 422
    assert app.client.post(renew, {"password": PASSWORD}).url == CODES
    codes = re.findall(r"<li>(\d{4} \d{4})</li>", app.client.get(CODES).content.decode())
    assert (len(codes), set(codes) & set(app.codes)) == (10, set())
    client = Client()
    knock(client)
    assert client.post(STEP, {"code": app.codes[0]}).status_code == 422
    assert client.post(STEP, {"code": codes[0]}).status_code == 302


def test_turning_it_off_asks_for_the_password(app: WithApp, cleo: User) -> None:
    off = reverse("studio:turn_off_second_step")
    assert app.client.post(off, {"password": "wrong"}).status_code == 422
    assert has_second_step(cleo)
    assert app.client.post(off, {"password": PASSWORD}).url == ACCOUNT
    assert not Authenticator.objects.exists()
    assert knock(Client()).url == CREATE
    assert app.client.post(reverse("studio:new_recovery_codes"), {"password": PASSWORD}).url == ACCOUNT
    assert not Authenticator.objects.exists(), "codes without a step to stand in for"


# ---- Signing in with it


def test_the_session_is_made_after_the_second_step(app: WithApp) -> None:
    client = Client()
    assert knock(client, next="/gallery/").url == STEP
    assert not is_in(client)
    assert client.get("/gallery/").status_code == 302
    page = client.get(STEP)
    assert (page.status_code, "authenticator app" in page.content.decode()) == (200, True)
    answer = client.post(STEP, {"code": app.code()})
    assert (answer.status_code, answer.url) == (302, "/gallery/")
    assert is_in(client)
    assert client.get(STEP).url == CREATE
    assert client.session.get_expire_at_browser_close(), "who did not ask for it does not stay signed in"


def test_a_code_and_a_recovery_code_work_once(app: WithApp) -> None:
    for code in (app.code(), app.codes[0]):
        first, second = Client(), Client()
        knock(first)
        knock(second)
        assert first.post(STEP, {"code": code}).status_code == 302
        cache.clear()  # another machine has its own
        assert second.post(STEP, {"code": code}).status_code == 422
    assert ">9</span> left" in app.client.get(ACCOUNT).content.decode()


def test_without_the_password_nobody_comes_to_the_second_step(app: WithApp) -> None:
    for answer in (Client().get(STEP), Client().post(STEP, {"code": app.code()})):
        assert (answer.status_code, answer.url) == (302, SIGN_IN)


@pytest.mark.parametrize("code", ["", "\x00", "١٢٣٤٥٦", "x" * 5000, "12345", "-", "123456789"])
def test_what_is_no_code_is_answered_as_a_wrong_one(app: WithApp, code: str) -> None:
    client = Client()
    knock(client)
    answer = client.post(STEP, {"code": code})
    assert (answer.status_code, "Wrong code." in answer.content.decode()) == (422, True)
    assert not is_in(client)


def test_wrong_codes_are_braked_and_told_to_the_trail(app: WithApp) -> None:
    wrong = wrong_for(app.secret)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        knock(client)
        answers = [client.post(STEP, {"code": wrong}) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [422] * 6 + [429]
        assert "Too many wrong codes." in answers[-1].content.decode()
        assert client.post(STEP, {"code": app.code()}).status_code == 429, "even the right code waits"
        assert knock(Client()).status_code == 429, "and so does the password"
        assert not is_in(client)
        clock.shift(timedelta(minutes=15, seconds=1))
        again = Client()
        knock(again)
        assert again.post(STEP, {"code": app.code()}).status_code == 302
    entry = TrailEntry.objects.filter(verb="sign-in-refused").newest_first()[0]
    assert (entry.actor, entry.thing, entry.text) == (None, "Cleo Door", "Right password, wrong code, from 127.0.0.1")
    assert not AccessAttempt.objects.filter(post_data__contains=wrong).exists()


def test_a_right_password_alone_forgives_no_wrong_code(app: WithApp) -> None:
    wrong = wrong_for(app.secret)
    answers = []
    for _ in range(7):
        client = Client()
        if knock(client).status_code != 302:
            break
        answers.append(client.post(STEP, {"code": wrong}).status_code)
    assert answers == [422] * 6 + [429]


def test_a_step_that_waits_ends_with_the_password_the_access_and_its_time(app: WithApp, cleo: User) -> None:
    def waiting() -> Client:
        client = Client()
        assert knock(client).url == STEP
        return client

    slow, barred, old = waiting(), waiting(), waiting()
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=5)):
        assert slow.post(STEP, {"code": app.codes[1]}).url == SIGN_IN
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    assert barred.post(STEP, {"code": app.codes[2]}).url == SIGN_IN
    User.objects.filter(pk=cleo.pk).update(is_active=True)
    cleo.set_password("another harbour at ten")
    cleo.save(update_fields=["password"])
    assert old.post(STEP, {"code": app.codes[3]}).url == SIGN_IN
    assert not any(is_in(client) for client in (slow, barred, old))


def test_a_link_for_a_new_password_does_not_pass_the_second_step(app: WithApp, cleo: User, ada: User) -> None:
    _, token = Invite.issue(by=ada, role=cleo.role, person=cleo, now=timezone.now())
    client = Client()
    answer = client.post(reverse("studio:join", args=[token]), {"password": "blue harbour at nine"})
    assert answer.url == STEP
    assert client.post(STEP, {"code": app.code()}).url == CREATE


def test_with_another_secret_of_the_studio_no_code_is_right(app: WithApp, settings) -> None:
    settings.SECRET_KEY = "k" * 60
    client = Client()
    knock(client)
    assert client.post(STEP, {"code": app.code()}).status_code == 422
    assert client.post(STEP, {"code": app.codes[0]}).status_code == 422


# ---- Lost


def test_an_admin_removes_a_lost_second_step(app: WithApp, cleo: User, as_ada: Client, ada: User) -> None:
    remove = reverse("studio:remove_second_step_of_person", args=[cleo.pk])
    assert (
        "Remove the second step of Cleo Door"
        in as_ada.get(reverse("studio:sessions_of_person", args=[cleo.pk])).content.decode()
    )
    assert "with the password alone" in as_ada.post(remove, follow=True).content.decode()
    assert not has_second_step(cleo)
    assert app.client.get(ACCOUNT).status_code == 302, "a lost device may be signed in"
    assert knock(Client()).url == CREATE
    entry = TrailEntry.objects.filter(actor=ada).newest_first()[0]
    assert (entry.thing, entry.text) == ("Cleo Door", "Removed the second step and passkeys")
    assert Notification.objects.get(person=cleo).actor == ada
    assert "has no second step" in as_ada.post(remove, follow=True).content.decode()
    assert not remove_second_step(cleo, by=ada)


def test_an_admin_turns_the_own_step_off_on_the_account_page(as_ada: Client, ada: User) -> None:
    answer = as_ada.post(reverse("studio:remove_second_step_of_person", args=[ada.pk]), follow=True)
    assert "Turn your own second step off" in answer.content.decode()
