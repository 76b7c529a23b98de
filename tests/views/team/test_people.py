from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiAccount, Invite, User
from studio.models.people import AccessRefused
from tests import people

PEOPLE = reverse("studio:people")


def page(client: Client) -> str:
    response = client.get(PEOPLE)
    assert response.status_code == 200
    return response.content.decode()


def change(client: Client, person: User, access: str) -> int:
    return client.post(reverse("studio:change_access", args=[person.pk]), {"access": access}).status_code


def test_the_team_is_listed_with_roles(as_ada: Client, alice: User) -> None:
    html = page(as_ada)
    assert "Alice Moreau" in html
    assert "alice@studio.example" in html


def test_an_invite_link_is_shown_once_and_lets_one_person_in(as_ada: Client, client: Client) -> None:
    made = as_ada.post(reverse("studio:invite"), {"role": "admin", "note": "Jonas"})
    html = as_ada.get(made.url).content.decode()
    link = re.search(r'value="http://testserver(/welcome/[^"]+/)"', html)
    assert link
    assert link[1] not in page(as_ada)
    assert "Jonas" in page(as_ada)
    client.post(link[1], {"name": "Jonas Weber", "password": "blue harbour at nine"})
    assert User.objects.get(name="Jonas Weber").is_admin
    assert "Jonas</b>" not in page(as_ada)


def test_a_link_is_still_there_after_a_change_of_theme_and_a_reload(as_ada: Client) -> None:
    address = as_ada.post(reverse("studio:invite"), {"role": "designer"}).url
    html = as_ada.get(address).content.decode()
    back = re.search(r'name="next" value="([^"]+)"', html)
    assert back
    after = as_ada.post(reverse("studio:theme"), {"theme": "dark", "next": back[1]})
    assert after.url == address
    assert 'aria-label="Invite link"' in as_ada.get(after.url).content.decode()


def test_a_link_is_shown_to_its_maker_for_a_while_and_only_while_it_works(as_ada: Client, alice: User) -> None:
    with time_machine.travel("2026-11-10T10:00:00Z", tick=False) as clock:
        address = as_ada.post(reverse("studio:invite"), {"role": "designer"}).url
        shown = 'aria-label="Invite link"'
        other = people.signed_in(people.make_person("Eve", role="admin"))
        assert shown not in other.get(address).content.decode()
        clock.shift(timedelta(minutes=9))
        assert shown in as_ada.get(address).content.decode()
        clock.shift(timedelta(minutes=2))
        assert shown not in as_ada.get(address).content.decode()
        address = as_ada.post(reverse("studio:invite"), {"role": "designer"}).url
        Invite.objects.update(revoked_at=timezone.now())
        assert shown not in as_ada.get(address).content.decode()


def test_an_invite_ends_after_seven_days(as_ada: Client) -> None:
    as_ada.post(reverse("studio:invite"), {"role": "designer"})
    left = Invite.objects.get().expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_an_invite_for_a_role_that_does_not_exist_is_refused(as_ada: Client) -> None:
    assert as_ada.post(reverse("studio:invite"), {"role": "owner"}).status_code == 400
    assert not Invite.objects.exists()


def test_a_revoked_link_no_longer_works(as_ada: Client, client: Client, ada: User) -> None:
    invite, token = Invite.issue(by=ada, role="designer", now=timezone.now())
    as_ada.post(reverse("studio:revoke_invite", args=[invite.pk]))
    assert client.get(reverse("studio:join", args=[token])).status_code == 410


# ---- A new password


def password_link(as_admin: Client, person: User) -> str:
    html = as_admin.post(reverse("studio:password_link", args=[person.pk]), follow=True).content.decode()
    assert f"Send this link to <bdi>{person.name}</bdi>." in html
    link = re.search(r'aria-label="New password link" value="http://testserver(/welcome/[^"]+/)"', html)
    assert link
    return link[1]


def test_a_link_lets_a_person_choose_a_new_password_once(
    as_ada: Client, as_alice: Client, client: Client, alice: User
) -> None:
    link = password_link(as_ada, alice)
    assert "New password for <bdi>Alice Moreau</bdi>" in page(as_ada)
    form = client.get(link).content.decode()
    assert "Choose a new password" in form
    assert "Alice Moreau" in form
    response = client.post(link, {"password": "blue harbour at nine"})
    assert (response.status_code, response.url) == (302, reverse("studio:create"))
    alice.refresh_from_db()
    assert alice.check_password("blue harbour at nine")
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert Client().post(link, {"password": "another harbour at ten"}).status_code == 410
    assert "New password for" not in page(as_ada)
    assert as_alice.get(reverse("studio:gallery")).status_code == 302, "other devices are signed out"


def test_a_new_password_has_to_pass_the_same_rules(as_ada: Client, client: Client, alice: User) -> None:
    link = password_link(as_ada, alice)
    for poor in ("short", ""):
        assert client.post(link, {"password": poor}).status_code == 422
    assert client.post(link, {"password": "blue harbour at nine"}).status_code == 302


def test_a_newer_link_for_the_same_person_closes_the_older_one(as_ada: Client, client: Client, alice: User) -> None:
    older, newer = password_link(as_ada, alice), password_link(as_ada, alice)
    assert (client.get(older).status_code, client.get(newer).status_code) == (410, 200)


def test_without_access_there_is_no_new_password(as_ada: Client, client: Client, alice: User) -> None:
    link = password_link(as_ada, alice)
    change(as_ada, alice, "none")
    assert client.get(link).status_code == 410
    made = Invite.objects.count()
    answer = as_ada.post(reverse("studio:password_link", args=[alice.pk]), follow=True)
    assert "Alice Moreau has no access any more, so no link was made." in answer.content.decode()
    assert Invite.objects.count() == made


def test_an_admin_whose_page_is_old_reads_what_has_become_of_it(
    as_ada: Client, client: Client, alice: User, bob: User
) -> None:
    """Another admin, or the invited person, was faster."""

    def says(address: str, **data: str) -> str:
        return as_ada.post(address, data, follow=True).content.decode()

    link = password_link(as_ada, alice)
    revoke = reverse("studio:revoke_invite", args=[Invite.objects.latest("pk").pk])
    client.post(link, {"password": "blue harbour at nine"})
    assert "Too late: Alice Moreau has chosen a new password with it." in says(revoke)
    made = as_ada.post(reverse("studio:invite"), {"role": "designer"}, follow=True).content.decode()
    invite = Invite.objects.latest("pk")
    revoke = reverse("studio:revoke_invite", args=[invite.pk])
    address = re.search(r"/welcome/[^\"/]+/", made)
    assert address
    Client().post(address[0], {"name": "Jonas Weber", "password": "blue harbour at nine"})
    assert "Too late: Jonas Weber has joined with it." in says(revoke)
    invite = Invite.issue(by=User.objects.get(name="Ada Admin"), role="designer", now=timezone.now())[0]
    revoke = reverse("studio:revoke_invite", args=[invite.pk])
    assert "The link no longer works." in says(revoke)
    assert "The link had stopped working already." in says(revoke)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert "has no access any more, so the role stays." in says(
        reverse("studio:change_access", args=[bob.pk]), access="admin"
    )
    bob.refresh_from_db()
    assert not bob.is_admin


def test_a_password_link_makes_nobody_an_admin(as_ada: Client, client: Client, alice: User) -> None:
    client.post(password_link(as_ada, alice), {"password": "blue harbour at nine", "name": "Mallory", "role": "admin"})
    alice.refresh_from_db()
    assert (alice.name, alice.role, User.objects.filter(name="Mallory").exists()) == ("Alice Moreau", "designer", False)


# ---- Access


def test_a_designer_becomes_an_admin_and_back(as_ada: Client, alice: User) -> None:
    for access, is_admin in (("admin", True), ("designer", False)):
        assert change(as_ada, alice, access) == 302
        alice.refresh_from_db()
        assert alice.is_admin is is_admin


def test_whose_access_is_removed_is_out_at_once_and_may_come_back(
    as_ada: Client, as_alice: Client, alice: User
) -> None:
    change(as_ada, alice, "none")
    assert as_alice.get(reverse("studio:gallery")).status_code == 302
    change(as_ada, alice, "back")
    alice.refresh_from_db()
    assert alice.is_active


@pytest.mark.parametrize("access", ["designer", "none"])
def test_nobody_changes_their_own_access(as_ada: Client, ada: User, access: str) -> None:
    change(as_ada, ada, access)
    ada.refresh_from_db()
    assert (ada.is_admin, ada.is_active) == (True, True)
    assert "Another admin has to change your own access." in page(as_ada)


def test_an_access_that_does_not_exist_is_refused(as_ada: Client, alice: User) -> None:
    assert change(as_ada, alice, "owner") == 400


# ---- Theme


def test_a_theme_is_kept_and_leads_back(as_alice: Client, alice: User) -> None:
    response = as_alice.post(reverse("studio:theme"), {"theme": "dark", "next": "/gallery/"})
    assert response.url == "/gallery/"
    alice.refresh_from_db()
    assert alice.theme == "dark"
    assert 'data-theme="dark"' in as_alice.get("/gallery/").content.decode()


def test_a_theme_that_does_not_exist_is_refused(as_alice: Client) -> None:
    assert as_alice.post(reverse("studio:theme"), {"theme": "beige"}).status_code == 400


def test_a_theme_leads_to_no_other_site(as_alice: Client) -> None:
    response = as_alice.post(reverse("studio:theme"), {"theme": "dark", "next": "https://evil.example/"})
    assert response.url == reverse("studio:create")


def test_the_list_takes_as_many_queries_with_many_people(as_ada: Client, ada: User, django_assert_num_queries) -> None:
    Invite.issue(by=ada, role="designer", now=timezone.now())
    page(as_ada)
    ApiAccount.configure()
    with django_assert_num_queries(10):
        page(as_ada)
    for number in range(5):
        people.make_person(f"Person {number}")
        Invite.issue(by=ada, role="designer", now=timezone.now())
    with django_assert_num_queries(10):
        page(as_ada)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("access", ["designer", "none"])
def test_two_admins_who_take_each_others_place_at_once_leave_one(access: str) -> None:
    first, second = (people.make_person(name, role=User.Role.ADMIN) for name in ("Ada", "Ben"))
    clients = [(people.signed_in(first), second), (people.signed_in(second), first)]
    begin = threading.Barrier(len(clients))

    def post(client: Client, other: User) -> None:
        begin.wait()
        try:
            change(client, other, access)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=pair) for pair in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.admins().count() == 1


def test_who_lost_the_place_meanwhile_changes_nobody(ada: User, alice: User) -> None:
    ben = people.make_person("Ben", role=User.Role.ADMIN)
    User.objects.change_access(ada.pk, by=ben, role=User.Role.DESIGNER)
    with pytest.raises(AccessRefused, match="not an admin any more"):
        User.objects.change_access(ben.pk, by=ada, role=User.Role.DESIGNER)
    with pytest.raises(AccessRefused, match="last admin"):
        User.objects.change_access(ben.pk, by=ben, is_active=False)
    assert list(User.objects.admins()) == [ben]


def test_an_admin_chooses_roles_and_lets_a_viewer_decide(as_ada: Client, bob: User) -> None:
    change = reverse("studio:change_access", args=[bob.pk])
    for access, role, said in (("viewer", "viewer", "is a viewer now"), ("decide", "viewer", "can approve and reject")):
        page = as_ada.post(change, {"access": access}, follow=True).content.decode()
        bob.refresh_from_db()
        assert (bob.role, said in page) == (role, True)
    assert (bob.can_make, bob.can_decide) == (False, True)
    as_ada.post(change, {"access": "only-look"})
    bob.refresh_from_db()
    assert not bob.can_decide


def test_a_viewer_lands_on_the_gallery_and_reads_why_nothing_can_be_made(as_bob: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.VIEWER)
    assert as_bob.get(reverse("studio:create")).headers["Location"] == reverse("studio:gallery")
    page = as_bob.get(reverse("studio:gallery")).content.decode()
    assert ">Create</a>" not in page
    assert "css/viewer" in page
    assert "Make the first picture" not in page
    refused = as_bob.post(reverse("studio:submit"))
    assert "You&#x27;re a viewer here" in refused.content.decode()
