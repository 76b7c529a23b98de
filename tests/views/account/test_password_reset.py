from __future__ import annotations

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from studio import tasks
from studio.models import Invite, TrailEntry, User
from tests import people
from tests.people import PASSWORD

FORGOTTEN, SIGN_IN, INVITE = (reverse(f"studio:{name}") for name in ("forgotten", "sign_in", "invite"))
NEW = "blue harbour at nine"


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def with_mail(settings) -> None:
    settings.STUDIO_EMAIL = True


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


def ask(email: str, client: Client | None = None):
    """Ask for a link, and do what was queued."""
    answer = (client or Client()).post(FORGOTTEN, {"email": email})
    for row in OrmQ.objects.all():
        tasks.mail_new_password(*row.task["args"])
        row.delete()
    return answer


def link() -> str:
    found = re.search(r"http://testserver(/welcome/\S+/)", mail.outbox[-1].body)
    assert found
    return found[1]


def test_sign_in_says_what_to_do_about_a_lost_password(client: Client, db: None, settings) -> None:
    assert "Forgot your password?" in client.get(SIGN_IN).content.decode()
    settings.STUDIO_EMAIL = False
    html = client.get(SIGN_IN).content.decode()
    assert ("Forgot your password?" in html, "lost your password? Ask an admin" in html) == (False, True)
    answer = client.post(FORGOTTEN, {"email": "cleo@studio.example"})
    assert "This Studio sends no email." in answer.content.decode()
    assert not OrmQ.objects.exists()


def test_a_link_by_e_mail_lets_somebody_choose_a_new_password_once(cleo: User) -> None:
    there = Client()
    there.post(SIGN_IN, {"username": "Cleo Door", "password": PASSWORD})
    ask("CLEO@studio.example")
    assert mail.outbox[0].to == ["cleo@studio.example"]
    client = Client()
    answer = client.post(link(), {"password": NEW})
    assert answer.url == reverse("studio:create")
    cleo.refresh_from_db()
    assert cleo.check_password(NEW)
    assert Client().post(link(), {"password": PASSWORD}).status_code == 410
    assert there.get(reverse("studio:account")).status_code == 302, "other sessions end"
    texts = TrailEntry.objects.filter(actor=cleo, verb="password").values_list("text", flat=True)
    assert list(texts) == ["Chose a new password by email"]


def test_the_answer_is_the_same_whether_the_address_is_known(cleo: User) -> None:
    User.objects.filter(pk=people.make_person("Gone", email="gone@studio.example").pk).update(is_active=False)
    answers = [ask(email) for email in ("cleo@studio.example", "nobody@studio.example", "gone@studio.example")]
    assert {answer.status_code for answer in answers} == {200}
    bodies = {re.sub(rb'"X-CSRFToken": "[^"]+"|value="[^"]+"', b"", answer.content) for answer in answers}
    assert len(bodies) == 1
    assert [one.to for one in mail.outbox] == [["cleo@studio.example"]]


def test_a_link_by_e_mail_works_for_an_hour(cleo: User) -> None:
    ask("cleo@studio.example")
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert Client().get(link()).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert Client().get(link()).status_code == 410


def test_the_last_link_works_and_one_of_an_admin_stays_until_a_password_is_chosen(cleo: User, ada: User) -> None:
    _, token = Invite.issue(by=ada, role=cleo.role, person=cleo, now=timezone.now())
    of_admin = reverse("studio:join", args=[token])
    ask("cleo@studio.example")
    first = link()
    ask("cleo@studio.example")
    assert [Client().get(one).status_code for one in (first, link(), of_admin)] == [410, 200, 200]
    Client().post(link(), {"password": NEW})
    assert Client().get(of_admin).status_code == 410


def test_asking_often_is_slowed_for_an_address_and_for_a_sender(cleo: User) -> None:
    answers = [ask("nobody@studio.example") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert "too many emails" in answers[-1].content.decode()
    answers = [(cache.clear(), ask("cleo@studio.example")) for _ in range(4)]  # each on another machine
    assert ([answer.status_code for _, answer in answers], len(mail.outbox)) == ([200] * 4, 3)
    others = [ask(f"nobody-{number}@studio.example").status_code for number in range(20)]
    assert others[-1] == 429


@pytest.mark.parametrize(
    "email", ["", "cleo", "\x00@x.example", "a@b.example\nBcc: c@d.example", "x" * 300 + "@b.example"]
)
def test_what_is_no_address_is_refused(db: None, email: str) -> None:
    assert Client().post(FORGOTTEN, {"email": email}).status_code == 422
    assert not OrmQ.objects.exists()


# ---- Invites


def test_an_invite_is_sent_and_shown(as_ada: Client, ada: User) -> None:
    made = as_ada.post(INVITE, {"role": "designer", "email": "Jonas@studio.example"}, follow=True)
    html = made.content.decode()
    assert ("The link is on its way to jonas@studio.example." in html, link() in html) == (True, True)
    assert (mail.outbox[0].to, "Ada Admin invited you" in mail.outbox[0].body) == (["jonas@studio.example"], True)
    client = Client()
    assert 'value="jonas@studio.example"' in client.get(link()).content.decode()
    client.post(link(), {"name": "Jonas Weber", "email": "jonas@studio.example", "password": NEW})
    rows = list(TrailEntry.objects.order_by("pk").values_list("verb", "name", "thing", "text"))
    assert rows == [
        ("invited", "Ada Admin", "jonas@studio.example", "As designer"),
        ("joined", "Jonas Weber", "", "As designer"),
        ("signed-in", "Jonas Weber", "", ""),
    ]


def test_an_invite_that_could_not_be_sent_is_still_shown(as_ada: Client, settings) -> None:
    with patch("studio.network.mail.EmailMessage.send", side_effect=OSError):
        html = as_ada.post(INVITE, {"email": "jonas@studio.example"}, follow=True).content.decode()
    assert ("send the link to jonas@studio.example yourself" in html, 'id="invite-link"' in html) == (True, True)
    settings.STUDIO_EMAIL = False
    html = as_ada.post(INVITE, {"email": "jonas@studio.example"}, follow=True).content.decode()
    assert ("This Studio sends no email" in html, 'id="invite-link"' in html) == (True, True)


@pytest.mark.parametrize("email", ["jonas", "a@b.example\nBcc: c@d.example", "\x00"])
def test_an_invite_for_what_is_no_address_is_not_made(as_ada: Client, email: str) -> None:
    html = as_ada.post(INVITE, {"email": email}, follow=True).content.decode()
    assert "That is not an email address" in html
    assert not Invite.objects.exists()
