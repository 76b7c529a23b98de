"""The page of channels: adding, testing, changing, removing; nothing secret is shown or logged."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from studio import tasks
from studio.models import AlertChannel, AlertDelivery, TrailEntry, User
from studio.views.team import alerts

HOOK = "https://hooks.example/services/T000/secret-part"


def add(client: Client, **given: object) -> object:
    form = {"name": "Team", "kind": "webhook", "address": HOOK, "events": ["paused", "budget"]} | given
    return client.post("/state/alerts/new/", form)


def test_a_channel_is_added_and_its_secret_is_never_shown(as_ada: Client) -> None:
    add(as_ada)
    [channel] = AlertChannel.objects.all()
    assert (channel.address, channel.events, channel.site) == (HOOK, ["paused", "budget"], "http://testserver")
    page = as_ada.get("/state/alerts/").content.decode()
    assert "https://hooks.example/…" in page
    assert "secret-part" not in page
    assert channel.signing_key not in page
    key = as_ada.post(f"/state/alerts/{channel.code}/signing-key/").content.decode()
    assert channel.signing_key in key
    told = str(list(TrailEntry.objects.values_list("thing", "text", "address")))
    assert "secret-part" not in told
    assert TrailEntry.objects.filter(verb="alert").count() == 2


def test_the_same_channel_is_not_added_again(as_ada: Client) -> None:
    first, again = add(as_ada), add(as_ada)
    assert again.headers["Location"] == first.headers["Location"]  # type: ignore[attr-defined]
    assert "is here already" in as_ada.get("/state/alerts/").content.decode()
    assert AlertChannel.objects.count() == 1


WRONG = [
    ("name", " ", "Give it a name"),
    ("kind", "pigeon", "Choose email, chat or webhook."),
    ("events", "nothing", "Tick at least one thing"),
    ("address", "http://hooks.example/", "beginning with https://"),
    ("address", "ftp://hooks.example/", "beginning with https://"),
    ("address", "https://me:word@hooks.example/", "beginning with https://"),
    ("address", "https://hooks.example:99999/", "beginning with https://"),
    ("address", "https://hooks.example/\0", "beginning with https://"),
    ("address", "https://[::1", "beginning with https://"),
    ("address", "", "beginning with https://"),
    ("address", "https://x/" + "x" * 600, "more than 500"),
    ("address", f"https://{'x' * 64}.example/", "No host can have this name"),
    ("address", f"https://{'x.' * 125}example/", "No host can have this name"),
    ("address", "https://hooks..example/", "No host can have this name"),
    ("address", "https://127.0.0.1/", "private network"),
    ("address", "https://0x7f.1/", "private network"),
    ("address", "https://localhost/", "private network"),
    ("address", "https://169.254.169.254/latest", "private network"),
]


@pytest.mark.parametrize(("field", "value", "sentence"), WRONG)
def test_what_can_not_be_is_refused_and_kept(as_ada: Client, field: str, value: str, sentence: str) -> None:
    answer = add(as_ada, **{field: value})
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert sentence in page
    if field != "name":
        assert 'value="Team"' in page
    assert not AlertChannel.objects.exists()


@pytest.mark.parametrize(
    ("kind", "address", "is_taken"),
    [
        ("email", "team@studio.example", True),
        ("email", "team", False),
        ("email", "a@b.example\r\nBcc: c@d.example", False),
        ("chat", "slack://TokenA0000/TokenB0000/TokenC00000000000000000/#team", True),
        ("chat", "mmost://chat.example/abcdefgh", True),
        ("chat", "json://chat.example/", False),
        ("chat", "dbus://", False),
        ("chat", "slack://", False),
        ("chat", "mmost://[", False),
        ("chat", "東京://\0", False),
        ("webhook", "https://xn--/", False),
        ("webhook", "https://hooks.example/studio", True),
    ],
)
def test_addresses_of_each_kind(as_ada: Client, kind: str, address: str, is_taken: bool) -> None:
    assert (add(as_ada, kind=kind, address=address).status_code == 302) is is_taken  # type: ignore[attr-defined]
    assert AlertChannel.objects.exists() is is_taken


def test_a_private_address_is_taken_where_the_setting_allows_it(as_ada: Client, settings: Settings) -> None:
    settings.STUDIO_WEBHOOKS_PRIVATE = True
    add(as_ada, address="http://10.0.0.7:9000/hook")
    assert AlertChannel.objects.exists()


def test_a_test_says_on_its_row_how_it_went(as_ada: Client, settings: Settings) -> None:
    settings.STUDIO_EMAIL = True
    add(as_ada, kind="email", address="team@studio.example")
    channel = AlertChannel.objects.get()
    assert "Not tried yet" in as_ada.get("/state/alerts/").content.decode()
    as_ada.post(f"/state/alerts/{channel.code}/test/")
    page = as_ada.get("/state/alerts/").content.decode()
    assert "On its way" in page
    assert 'hx-trigger="every 3s"' in page
    tasks.send_alerts()
    part = as_ada.get("/state/alerts/", headers={"HX-Request": "true"}).content.decode()
    assert "Taken by the mail server." in part
    assert "every 3s" not in part
    assert "<html" not in part
    assert mail.outbox[0].subject == "Studio: Test"


def test_a_channel_is_changed_switched_off_and_removed(as_ada: Client) -> None:
    add(as_ada)
    channel = AlertChannel.objects.get()
    address = f"/state/alerts/{channel.code}/"
    as_ada.post(address, {"events": ["finished", "nonsense"]})
    as_ada.post(address, {"state": "off"})
    as_ada.post(address, {"events": "nonsense"})
    channel.refresh_from_db()
    assert (channel.events, channel.is_on) == (["finished"], False)
    as_ada.post(f"{address}test/")
    as_ada.post(f"{address}removal/")
    assert not AlertChannel.objects.exists()
    assert not AlertDelivery.objects.exists()
    told = [one.text for one in TrailEntry.objects.filter(verb="alert").order_by("pk")]
    assert told == [
        "channel added, https://hooks.example/…",
        "tells of finished",
        "switched off",
        "channel removed, https://hooks.example/…",
    ]


def test_there_are_so_many_channels_and_no_more(as_ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST_CHANNELS", 1)
    add(as_ada), add(as_ada)
    assert AlertChannel.objects.count() == 1


def test_the_page_says_that_no_email_is_set_up(as_ada: Client, ada: User, settings: Settings) -> None:
    settings.STUDIO_EMAIL = False
    assert "STUDIO_EMAIL_URL" in as_ada.get("/state/alerts/").content.decode()
