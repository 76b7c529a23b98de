"""A look where it is used: in the dock, on a job and on a picture."""

from __future__ import annotations

import re
import uuid

from django.test import Client
from django.utils import timezone

from studio.models import LookVersion, User
from studio.models.looks.spec import LookSpec
from tests.people import make_job, make_look, make_picture, signed_in
from tests.views.page_text import text


def test_the_dock_says_what_a_look_adds(as_alice: Client, alice: User) -> None:
    look = make_look(alice, words="[product] on stone", avoid=["people"], references=[(make_picture(alice), "style")])
    assert look.current
    own = make_picture(alice)
    fields = {
        "look": look.current.code,
        "prompt": "A ferry #harbour-dusk",
        "reference": own.code,
        "type": "image",
        "blank": ["shoes"],
    }
    part = as_alice.post("/looks/dock/", fields)
    said = text(part)
    assert "shoes on stone A ferry Use the style of @2. No people." in said
    assert "look-chip" not in part.content.decode()
    whole = as_alice.post("/looks/dock/", {**fields, "whole": "on"}).content.decode()
    assert whole.count("hx-swap-oob") == 2
    assert 'name="blank" value="shoes"' in whole
    assert "Adds" not in text(as_alice.post("/looks/dock/", {**fields, "type": "layering"}))
    assert "Adds" not in text(as_alice.post("/looks/dock/", {}))
    # A look that was taken away does not come back by its tag.
    assert "Adds" not in text(as_alice.post("/looks/dock/", {**fields, "look": ""}))


def test_without_script_a_tag_is_read_before_it_is_paid(as_alice: Client, alice: User) -> None:
    make_look(alice, words="grain")
    form = {"token": str(uuid.uuid4()), "type": "image", "prompt": "A boat #harbour-dusk", "model": "uni-1"}
    page = as_alice.post("/submissions/", form)
    assert page.status_code == 422
    assert "#harbour-dusk is a look, and it's chosen now." in text(page)
    assert "A boat grain" in text(page)
    code = re.search(r'name="look" value="([^"]+)"', page.content.decode())
    assert code
    assert as_alice.post("/submissions/", {**form, "look": code[1]}).status_code == 302
    assert LookVersion.objects.get().used == 1


def test_a_job_tells_its_version_and_what_luma_reads(as_alice: Client, alice: User, bob: User) -> None:
    look = make_look(alice, words="grain", references=[(make_picture(alice), "style")])
    job = make_job(alice, state="done", look=look.current, prompt="A ferry")
    look.change(
        by=alice, seen=1, name="Night", tag="night", is_team=False, spec=LookSpec(words="x"), now=timezone.now()
    )
    for page in (job.get_absolute_url(), job.pictures.get().get_absolute_url()):
        assert "Look Night v1" in text(as_alice.get(page))
        assert "?version=1" in as_alice.get(page).content.decode()
        # Somebody else's: its name, and no link that leads nowhere.
        assert "?version=1" not in signed_in(bob).get(page).content.decode()
    assert "A ferry grain Use the style of the first reference image." in text(as_alice.get(job.get_absolute_url()))


def test_what_is_offered_begins_with_what_is_typed(as_alice: Client, alice: User, bob: User) -> None:
    for name in ("Harbour dusk", "Old harbour", "Paper cut"):
        make_look(alice, name=name)
    make_look(bob, name="Harbour secret")
    offered = text(as_alice.get("/looks/offer/?q=harb"))
    assert "Harbour dusk" in offered
    assert "Old harbour" in offered
    assert "Paper" not in offered
    assert "secret" not in offered
    assert 'role="option"' in as_alice.get("/looks/offer/?q=").content.decode()
    assert 'role="option"' not in as_alice.get("/looks/offer/").content.decode()
