"""Who gets what at every address when the work is private, and what a viewer gets at all.

test_permissions.py has the answers about the team's work. Each row names the routes that answer so, to GET and POST: a viewer about
the team's work; then about somebody's private work another designer, a viewer, an admin, and its owner. `→` leads on.
A person without access gets what a stranger gets. A route without a row fails. (Clients with a link: test_proof.py.)
"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from studio.engine.archives import make
from studio.forms.archives import chosen_by
from studio.models import Archive, Board, BoardPicture, Comment, GalleryMonth, JobCount, Revision, User
from studio.views.finder import Finder
from studio.views.gallery import Cursor
from tests import people
from tests.views.test_permissions import FORMS, ROUTES, address_of

TABLE: dict[str, str] = {
    "→ 405 | 200 405 | → 405 | 200 405 | 200 405": "create",
    "405 403 | 405 → | 405 403 | 405 → | 405 →": (
        "submit move_on_board remove_from_board set_cover dismiss_failures trash_chosen restore_trashed "
        "empty_trash opinions_of_many archive_chosen undo_archiving stack_chosen undo_stack"
    ),
    "403 403 | 200 400 | 403 403 | 200 400 | 200 400": "draft",
    "403 403 | 404 422 | 403 403 | 404 422 | 404 422": "upload",
    "403 405 | 200 405 | 403 405 | 200 405 | 200 405": "my_uploads past_prompts offer_looks proofs",
    "200 405 | 200 405 | 200 405 | 200 405 | 200 405": (
        "boards board pulse looks gallery filter_menu trash proof proof_picture proof_download proof_file offer_tags "
        "notifications keys healthz board_sheet account"
    ),
    "200 405 | 404 405 | 404 405 | 404 405 | 200 405": (
        "job layers layers_proof layers_export download_export group picture filmstrip picture_uses family "
        "cut_out_layer comparison_map download original rendition offer_people picture_sheet"
    ),
    "→ 403 | 404 404 | 404 404 | 404 404 | → 400": "stack",
    "405 403 | 405 404 | 405 404 | 405 → | 405 →": "cancel_job retry_job stop_waiting write_off_job dismiss_job",
    "403 403 | 404 404 | 404 404 | 200 → | 200 →": "send_job_again",
    "405 403 | 405 404 | 405 404 | 405 → | 405 403": "look_up_job prioritize_job",
    "405 403 | 405 404 | 405 403 | 405 404 | 405 →": (
        "undo_removal arrange_layers cancel_unsent keep_all choose set_privacy redo trash_picture "
        "cut_out rate tag_picture archive_picture change_webhook test_webhook"
    ),
    "405 → | 405 404 | 405 404 | 405 404 | 405 →": "export_layers star resolve_comment",
    "405 → | 405 → | 405 → | 405 → | 405 →": (
        "new_archive save_view proof_done proof_decision read_notifications notification_ways theme "
        "sign_out end_own_session end_other_sessions export_board"
    ),
    "404 404 | 404 404 | 404 404 | 404 404 | 200 →": "archive",
    "404 405 | 404 405 | 404 405 | 404 405 | 200 405": "download_archive data_export",
    "403 403 | → → | 403 403 | → → | → →": "bulk_edit add_to_board",
    "403 403 | 200 → | 403 403 | 200 → | 200 →": "new_look new_board",
    "403 403 | 403 403 | 403 403 | 200 → | 200 →": "board_settings",
    "405 403 | 405 200 | 405 403 | 405 200 | 405 200": "dock_look",
    "200 403 | 200 403 | 200 403 | 200 403 | 200 →": "look",
    "405 403 | 405 403 | 405 403 | 405 → | 405 →": (
        "delete_look remove_view remove_format_set archive_board delete_board export_person"
    ),
    "405 403 | 405 404 | 405 403 | 405 404 | 405 403": "delete_picture",
    "400 405 | 400 405 | 400 405 | 400 405 | 400 405": "compare",
    "403 403 | 404 404 | 403 403 | 404 404 | 200 422": "formats",
    "405 403 | 405 404 | 405 403 | 405 404 | 405 404": "save_format_set",
    "403 403 | 404 404 | 403 403 | 404 404 | 200 →": "crop keep marks",
    "403 405 | 404 405 | 403 405 | 404 405 | 200 405": "keep_preview",
    "403 403 | → → | 403 403 | → → | → 200": "new_proof",
    "405 403 | 405 404 | 405 403 | 405 → | 405 →": "revoke_proof",
    "→ → | → → | → → | → → | → →": (
        "proof_password sign_in admin:studio_job_history admin:studio_attempt_history second_step "
        "passkey_sign_in confirm_email new_passkey"
    ),
    "403 403 | 200 422 | 403 403 | 200 422 | 200 422": "webhooks",
    "405 403 | 405 404 | 405 403 | 405 404 | 405 200": "show_webhook_key",
    "200 422 | 200 422 | 200 422 | 200 422 | 200 422": "proof_name join tokens second_step_setup",
    "405 422 | 405 422 | 405 422 | 405 422 | 405 422": (
        "proof_comment change_name change_email change_password turn_off_second_step new_recovery_codes add_passkey"
    ),
    "405 403 | 405 404 | 405 404 | 405 404 | 405 →": "decide edit_comment delete_comment",
    "405 400 | 405 400 | 405 400 | 405 400 | 405 400": "undo_opinions",
    "200 → | 404 404 | 404 404 | 404 404 | 200 →": "comments",
    "405 404 | 405 404 | 405 404 | 405 404 | 405 →": "open_notification remove_passkey",
    "403 405 | 403 405 | 403 405 | 200 405 | 403 405": (
        "review people trail state alerts sessions_of_person approvals failures_csv spend export_spend"
    ),
    "405 403 | 405 403 | 405 403 | 405 → | 405 403": (
        "sending_pause set_limit add_channel change_channel test_channel remove_channel invite revoke_invite password_link change_access end_session_of_person "
        "remove_second_step_of_person approve decline ask_about hand_over act_on_failures "
        "set_case_status note_case set_budget add_price add_ratio withdraw_ratio"
    ),
    "405 403 | 405 403 | 405 403 | 405 200 | 405 403": "export_trail show_signing_key",
    "503 405 | 503 405 | 503 405 | 503 405 | 503 405": "readyz",
    "404 405 | 404 405 | 404 405 | 404 405 | 404 405": "metrics provider_sign_in provider_answer",
    "→ → | → → | → → | 200 200 | → →": (
        "admin:index admin:studio_job_changelist admin:studio_attempt_changelist "
        "admin:studio_user_changelist admin:studio_user_history admin:app_list "
        "admin:studio_trailentry_changelist admin:studio_trailentry_history"
    ),
    "403 403 | 403 403 | 403 403 | 403 403 | 403 403": "admin:login",
    "→ → | → → | → → | 405 200 | → →": "admin:logout",
    "→ → | → → | → → | 200 405 | → →": "admin:jsi18n",
    "→ → | → → | → → | 403 405 | → →": "admin:autocomplete",
    "→ → | → → | → → | 404 404 | → →": "admin:password_change admin:password_change_done admin:view_on_site",
    "→ → | → → | → → | 403 403 | → →": (
        "admin:studio_job_add admin:studio_job_delete admin:studio_attempt_add "
        "admin:studio_attempt_delete admin:studio_user_add admin:studio_user_delete "
        "admin:studio_trailentry_add admin:studio_trailentry_delete"
    ),
    "→ → | → → | → → | → 403 | → →": "admin:studio_job_change admin:studio_attempt_change",
    "→ → | → → | → → | 200 403 | → →": "admin:studio_user_change admin:studio_trailentry_change",
    "405 404 | 405 404 | 405 404 | 405 → | 405 →": "revoke_token",
    "→ 405 | → 405 | → 405 | → 405 | → 405": "recovery_codes",
    "200 200 | 200 200 | 200 200 | 200 200 | 200 200": "forgotten",
    "404 405 | 404 405 | 404 405 | 200 405 | 200 405": "approval",
    "405 404 | 405 404 | 405 404 | 405 403 | 405 →": "cancel_approval note_approval",
    "403 403 | 403 403 | 403 403 | 200 422 | 403 403": "person usage_check",
    "405 403 | 405 403 | 405 403 | 405 404 | 405 403": "flag_picture",
}


EXPECTED = {name: answers for answers, names in TABLE.items() for name in names.split()}


def test_every_route_has_a_row() -> None:
    assert set(ROUTES) == set(EXPECTED)


def shown(response: HttpResponse) -> str:
    if response.streaming:
        assert b"".join(response.streaming_content)
    return "→" if response.has_header("Location") else str(response.status_code)


@pytest.mark.parametrize("name", ROUTES)
def test_each_person_gets_the_answer_of_the_table(alice: User, bob: User, ada: User, name: str) -> None:
    address, job = address_of(name, alice, ada)
    vera = people.make_person("Vera Viewer", role=User.Role.VIEWER)
    gone = people.signed_in(people.make_person("Gwen Gone"))
    User.objects.filter(name="Gwen Gone").update(is_active=False)
    clients = {one.pk: people.signed_in(one) for one in (alice, bob, ada, vera)}

    def ask(client: Client) -> str:
        answers = []
        for method in ("get", "post"):
            with transaction.atomic():
                answers.append(shown(getattr(client, method)(address, FORMS.get(name, {}) if method == "post" else {})))
                transaction.set_rollback(True)
        return " ".join(answers)

    of_team = ask(clients[vera.pk])
    job.submission.set_privacy(True)
    private = [ask(clients[one.pk]) for one in (bob, vera, ada, alice)]
    assert ask(gone) == ask(Client())
    assert " | ".join([of_team, *private]) == EXPECTED[name]


# ---- What names no private thing: no page, fragment, search, count, pulse, zip or notification tells of one


class World:
    """Alice's private work beside work of the team: every kind of thing that a list could tell of."""

    def __init__(self, alice: User, bob: User) -> None:
        self.team = people.make_job(bob, state="done", prompt="Paper boats").pictures.get()
        secret = {"prompt": "Zephyrine lighthouse", "is_private": True}
        self.since = Revision.current()
        self.job = people.make_job(alice, state="done", **secret)
        self.picture = self.job.pictures.get()
        edit = people.make_job(alice, state="done", type="image_edit", source=self.team, **secret)
        split = people.make_job(alice, state="done", type="layering", source=self.picture, prompt="")
        ended = [people.make_job(alice, state=state, **secret) for state in ("failed", "unknown", "waiting", "making")]
        upload = people.make_picture(alice, is_private=True, original_name="zephyrine.png")
        Comment.objects.say(self.picture, "Zephyrine forever", by=alice)
        now = timezone.now()
        board = Board.make(alice, name="Zephyrine board", visibility="private", now=now)
        of_team = Board.make(bob, name="Of the team", now=now)
        for one in (board, of_team):
            BoardPicture.add(one, [self.picture.pk, self.team.pk], by=alice, now=now)
        jobs = [self.job, edit, split, *ended]
        pictures = [self.picture, upload, *(job.pictures.get() for job in (edit, split))]
        self.secrets = ["zephyrine", *(str(one.code) for one in (*jobs, *pictures))]
        self.secrets += [str(board.code), *(str(job.submission.code) for job in jobs)]
        # What an admin decides about is named by its code, in the addresses of the buttons.
        self.cases = {str(job.code) for job in ended[:2]}

    def told(self, client: Client, address: str, **headers: str) -> list[str]:
        """What of the private work an answer tells."""
        response = client.get(address, headers=headers)
        assert response.status_code in {200, 204, 403, 404} or response.has_header("Location"), address
        said = b"".join(response.streaming_content) if response.streaming else response.content
        text = said.decode(errors="replace").lower()
        asked = address.lower()
        return [one for one in self.secrets if one in text.replace(asked, "") and one not in asked]


LISTS = [
    *("/", "/?whose=team", "/?whose=team&show=progress", "/?whose=team&show=failed", "/?whose=team&show=done"),
    *("/?like={asked}", "/?reuse={asked}", "/?words={asked}", "/?edit={job}", "/?source={picture}"),
    *("/?reference={picture}", "/uploads/mine/", "/prompts/", "/draft/", "/uploads/?picture={picture}"),
    *("/gallery/", "/gallery/?q=zephyrine", "/gallery/?q=J-{number}", "/gallery/?job={number}", "/gallery/?at={month}"),
    *("/gallery/?q=boats", "/gallery/?person={owner}", "/gallery/?from=2000-01-01", "/gallery/?q=-boats"),
    *("/pictures/{team}/", "/pictures/{team}/family/", "/pictures/{team}/filmstrip/", "/pictures/{team}/comments/"),
    *(
        "/boards/",
        "/boards/?q=zephyrine",
        "/boards/{board}/",
        "/boards/{board}/?arrange=on",
        "/boards/{board}/sheet/",
        "/pictures/{team}/sheet/",
        "/gallery/?board={board}",
    ),
    *("/compare/?picture={team}&picture={picture}", "/looks/", "/looks/new/?picture={picture}", "/trash/"),
    *(
        "/trash/?whose=team",
        "/notifications/",
        "/proofs/",
        "/review/",
        "/review/?show=settled",
        "/review/?show=acknowledged",
        "/review/?q=zephyrine",
        "/review/failures.csv",
        "/people/",
        "/trail/",
        "/state/",
        "/state/alerts/",
        "/tags/offer/",
    ),
    *("/pulse/?page=create&whose=team&since={since}", "/pulse/?page=gallery&since={since}&top=1-1"),
    *("/pulse/?page=job&code={job}&since={since}", "/pulse/?page=group&code={asked}&since={since}"),
    *("/pulse/?page=picture&code={picture}&since={since}", "/pulse/?page=review&since={since}&top=0"),
    *("/healthz", "/back-office/studio/job/", "/back-office/studio/attempt/"),
]


# Where an admin decides about cases, by their codes.
REVIEWS = {"/review/", "/pulse/?page=review&since={since}&top=0"}


def names_of(world: World, alice: User) -> dict[str, object]:
    """What the addresses of LISTS name."""
    return {
        "asked": world.job.submission.code,
        "job": world.job.code,
        "picture": world.picture.code,
        "number": world.job.pk,
        "team": world.team.code,
        "owner": alice.pk,
        "board": Board.objects.get(name="Of the team").code,
        "since": world.since,
        "month": f"{timezone.localtime():%Y-%m}",
    }


# A test for each person, so that they run beside each other.
@pytest.mark.parametrize("role", User.Role.values)
def test_no_list_tells_of_private_work(alice: User, bob: User, role: str) -> None:
    world = World(alice, bob)
    client, names = people.signed_in(people.make_person("Vera Other", role=role)), names_of(world, alice)
    for listed in LISTS:
        address = listed.format(**names)
        for headers in ({}, people.HTMX):
            told = set(world.told(client, address, **headers))
            assert (listed, told - (world.cases if listed in REVIEWS else set())) == (listed, set())


def test_the_same_lists_tell_their_owner(alice: User, bob: User) -> None:
    world = World(alice, bob)
    own, names = people.signed_in(alice), names_of(world, alice)
    for listed in ("/", "/?whose=team", "/gallery/", "/gallery/?q=zephyrine", "/uploads/mine/", "/pictures/{team}/"):
        assert world.told(own, listed.format(**names)), listed


def test_nothing_counts_private_work(alice: User, bob: User) -> None:
    world = World(alice, bob)
    assert [number for _, number in GalleryMonth.newest_first()] == [1]
    assert sum(one.number for one in JobCount.cells(bob, everybody=True)) == 1
    for asked, of_owner in (("q=zephyrine", 2), (f"person={alice.pk}", 3)):
        assert (Finder.parse(asked, bob).count(), Finder.parse(asked, alice).count()) == (0, of_owner)
    pill = people.signed_in(bob).get(f"/pulse/?page=gallery&since={world.since}&top={Cursor.at(world.team)}").content
    assert b'id="new-pictures" href="/gallery/" hidden' in pill


def test_a_zip_leaves_private_pictures_out(alice: User, bob: User) -> None:
    world = World(alice, bob)
    codes = [str(world.picture.code), str(world.team.code)]
    meant = chosen_by([*codes, str(world.job.code)], bob)
    assert meant.pictures == [world.team.pk]
    # What was chosen before it became private is neither put in nor handed out.
    archive = Archive.choose(bob, [world.team.pk], [])
    world.team.job.submission.set_privacy(True)
    people.make_job(bob, state="done")
    assert not archive.has_hidden
    theirs = Archive.choose(alice, [world.team.pk], [])
    theirs.start(size="original", has_settings=True, has_list=True, now=timezone.now())
    make(theirs.pk)
    theirs.refresh_from_db()
    assert (theirs.taken, theirs.has_hidden) == (0, True)
    answer = people.signed_in(alice).get(f"/archives/{theirs.code}/file/")
    assert answer.headers["Location"] == theirs.get_absolute_url()


def test_review_tells_an_admin_whose_why_and_what_it_cost_but_not_what(alice: User, bob: User, ada: User) -> None:
    world = World(alice, bob)
    page = people.signed_in(ada).get("/review/").content.decode()
    assert page.count("Private job of Alice Moreau") == 2
    assert not [one for one in world.secrets[:1] if one in page.lower()]
