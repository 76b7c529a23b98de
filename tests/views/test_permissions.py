"""Who gets what at every address: the exact answer for each of four people, to a GET and to a POST of its form.

A route without a row fails. Whoever is refused leaves every row as it was, and a decision that is let through changes one.
"""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from studio.models import User
from tests import people
from tests.views.account_permissions import ACCOUNT
from tests.views.back_office_permissions import BACK_OFFICE
from tests.views.route_answers import (
    ARCHIVE,
    BACK,
    BOARD,
    BOATS,
    CARD,
    CARD_NEW,
    DELETED,
    DOOR,
    EVERYTHING,
    EXPORT,
    GROUP,
    LAYER,
    LETS_IN,
    MOVED,
    NEW_LOOK,
    NO_FORM,
    NOTES,
    OPINION,
    PROOF,
    SAID,
    SELECT,
    WRITTEN,
    Answer,
    Permissions,
    answer_of,
    rows,
)
from tests.views.route_forms import CHANGES, FORMS
from tests.views.routes import ROUTES, address_of

pytestmark = pytest.mark.untraced

# What a GET answers to a stranger, another designer, the owner and an admin; then a POST.
TABLE: Permissions = {
    **ACCOUNT,
    **BACK_OFFICE,
    "create": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "submit": ((DOOR, 405, 405, 405), (WRITTEN, CARD_NEW, CARD_NEW, CARD_NEW)),
    "draft": ((DOOR, 200, 200, 200), (DOOR, 400, 400, 400)),
    "upload": ((DOOR, 404, 404, 404), (DOOR, 422, 422, 422)),
    "keys": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "my_uploads": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "past_prompts": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "pulse": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "job": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "cancel_job": ((DOOR, 405, 405, 405), (DOOR, 403, CARD, CARD)),
    "retry_job": ((DOOR, 405, 405, 405), (DOOR, 403, CARD, CARD)),
    "stop_waiting": ((DOOR, 405, 405, 405), (DOOR, 403, CARD, CARD)),
    "send_job_again": ((BACK, 403, 200, 200), (DOOR, 403, CARD, CARD)),
    "look_up_job": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/jobs/{job}/")),
    "write_off_job": ((DOOR, 405, 405, 405), (DOOR, 403, CARD, CARD)),
    "dismiss_job": ((DOOR, 405, 405, 405), (DOOR, 403, CARD, CARD)),
    "dock_board": ((DOOR, 405, 405, 405), (DOOR, "/", "/", "/")),
    "dismiss_failures": ((DOOR, 405, 405, 405), (DOOR, "/", "/", "/")),
    "prioritize_job": ((DOOR, 405, 405, 405), (DOOR, 403, 403, CARD)),
    "layers": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "arrange_layers": ((DOOR, 405, 405, 405), (WRITTEN, 403, LAYER, LAYER)),
    "export_layers": ((DOOR, 405, 405, 405), (DOOR, EXPORT, EXPORT, EXPORT)),
    "layers_export": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "download_export": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "layers_proof": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "cut_out_layer": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "cut_out": ((DOOR, 405, 405, 405), (DOOR, "/jobs/{new}/", "/jobs/{new}/", "/jobs/{new}/")),
    "new_archive": ((DOOR, 405, 405, 405), (DOOR, ARCHIVE, ARCHIVE, ARCHIVE)),
    "archive": ((BACK, 404, 200, 404), (DOOR, 404, "{address}", 404)),
    "download_archive": ((DOOR, 404, 200, 404), (DOOR, 405, 405, 405)),
    "group": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "keep_all": ((DOOR, 405, 405, 405), (DOOR, 403, GROUP, GROUP)),
    "cancel_unsent": ((DOOR, 405, 405, 405), (DOOR, 403, GROUP, GROUP)),
    "choose": ((DOOR, 405, 405, 405), (DOOR, 403, GROUP, GROUP)),
    "set_privacy": ((BACK, 403, "/", 403), (DOOR, 403, "/", 403)),
    "redo": ((DOOR, 405, 405, 405), (DOOR, 403, GROUP, GROUP)),
    "bulk_edit": ((BACK, SELECT, SELECT, SELECT), (DOOR, SELECT, SELECT, SELECT)),
    "formats": ((BACK, 200, 200, 200), (DOOR, 422, 422, 422)),
    "save_format_set": ((DOOR, 405, 405, 405), (DOOR, 404, 404, 404)),
    "remove_format_set": ((DOOR, 405, 405, 405), (DOOR, 403, "/gallery/", "/gallery/")),
    "looks": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "new_look": ((BACK, 200, 200, 200), (WRITTEN, NEW_LOOK, NEW_LOOK, NEW_LOOK)),
    "look": ((BACK, 200, 200, 200), (WRITTEN, 403, "{address}", 403)),
    "delete_look": ((DOOR, 405, 405, 405), (DOOR, 403, DELETED, DELETED)),
    "offer_looks": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "dock_look": ((DOOR, 405, 405, 405), (DOOR, 200, 200, 200)),
    "boards": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "new_board": ((BACK, 200, 200, 200), (WRITTEN, BOARD, BOARD, BOARD)),
    "add_to_board": ((BACK, "/gallery/", "/gallery/", "/gallery/"), (WRITTEN, BOARD, BOARD, BOARD)),
    "undo_removal": ((DOOR, 405, 405, 405), (DOOR, 404, BOARD, 404)),
    "board": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "board_sheet": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "board_settings": ((BACK, 403, 200, 200), (WRITTEN, 403, BOARD, BOARD)),
    "move_on_board": ((DOOR, 405, 405, 405), (DOOR, MOVED, MOVED, MOVED)),
    "remove_from_board": ((DOOR, 405, 405, 405), (DOOR, BOARD, BOARD, BOARD)),
    "set_cover": ((DOOR, 405, 405, 405), (DOOR, BOARD, BOARD, BOARD)),
    "archive_board": ((DOOR, 405, 405, 405), (DOOR, 403, BOARD, BOARD)),
    "delete_board": ((DOOR, 405, 405, 405), (DOOR, 403, "/boards/?deleted={new}", "/boards/?deleted={new}")),
    "save_view": ((DOOR, 405, 405, 405), (WRITTEN, BOATS, BOATS, BOATS)),
    "remove_view": ((DOOR, 405, 405, 405), (DOOR, 403, "/gallery/", "/gallery/")),
    "gallery": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "gallery_count": ((BACK, "/gallery/", "/gallery/", "/gallery/"), (DOOR, 405, 405, 405)),
    "filter_menu": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "trash": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "trash_chosen": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "restore_trashed": ((DOOR, 405, 405, 405), (DOOR, "/trash/", "/trash/", "/trash/")),
    "empty_trash": ((DOOR, 405, 405, 405), (DOOR, "/trash/", "/trash/", "/trash/")),
    "data_export": ((BACK, 404, 200, 404), (DOOR, 405, 405, 405)),
    "export_person": ((DOOR, 405, 405, 405), (DOOR, 403, EVERYTHING, EVERYTHING)),
    "export_board": ((DOOR, 405, 405, 405), (DOOR, EVERYTHING, EVERYTHING, EVERYTHING)),
    "archive_picture": ((DOOR, 405, 405, 405), (DOOR, 403, OPINION, OPINION)),
    "archive_chosen": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "undo_archiving": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "stack": ((BACK, OPINION, OPINION, OPINION), (DOOR, 400, 400, 400)),
    "stack_chosen": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "undo_stack": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "trash_picture": ((DOOR, 405, 405, 405), (DOOR, 403, "/gallery/", "/gallery/")),
    "delete_picture": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/trash/")),
    "compare": ((BACK, 400, 400, 400), (DOOR, 405, 405, 405)),
    "picture": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "picture_sheet": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "filmstrip": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "picture_uses": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "family": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "comments": ((BACK, 200, 200, 200), (WRITTEN, SAID, SAID, SAID)),
    "offer_people": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "edit_comment": ((DOOR, 405, 405, 405), (WRITTEN, 403, SAID, 403)),
    "delete_comment": ((DOOR, 405, 405, 405), (DOOR, 403, SAID, SAID)),
    "resolve_comment": ((DOOR, 405, 405, 405), (DOOR, SAID, SAID, SAID)),
    "notifications": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "read_notifications": ((DOOR, 405, 405, 405), (DOOR, NOTES, NOTES, NOTES)),
    "notification_ways": ((DOOR, 405, 405, 405), (DOOR, NOTES, NOTES, NOTES)),
    "open_notification": ((DOOR, 405, 405, 405), (DOOR, 404, "/gallery/", 404)),
    "crop": ((BACK, 200, 200, 200), (DOOR, "/?reference={new}", "/?reference={new}", "/?reference={new}")),
    "keep": ((BACK, 200, 200, 200), (DOOR, "/pictures/{new}/", "/pictures/{new}/", "/pictures/{new}/")),
    "comparison_map": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "keep_preview": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "marks": ((BACK, 200, 200, 200), (DOOR, CARD_NEW, CARD_NEW, CARD_NEW)),
    "download": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "original": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "rendition": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "proofs": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "new_proof": ((BACK, "/gallery/", "/gallery/", "/gallery/"), (DOOR, 200, 200, 200)),
    "revoke_proof": ((DOOR, 405, 405, 405), (DOOR, 404, "/proofs/", "/proofs/?whose=all")),
    "proof": (LETS_IN, NO_FORM),
    "proof_picture": (LETS_IN, NO_FORM),
    "proof_file": (LETS_IN, NO_FORM),
    "proof_download": (LETS_IN, NO_FORM),
    "proof_password": ((PROOF,) * 4, (PROOF,) * 4),
    "proof_name": (LETS_IN, (422, 422, 422, 422)),
    "proof_decision": (NO_FORM, (PROOF,) * 4),
    "proof_comment": (NO_FORM, (422, 422, 422, 422)),
    "proof_done": (NO_FORM, (PROOF,) * 4),
    "star": ((DOOR, 405, 405, 405), (DOOR, OPINION, OPINION, OPINION)),
    "rate": ((DOOR, 405, 405, 405), (DOOR, OPINION, OPINION, OPINION)),
    "decide": ((DOOR, 405, 405, 405), (DOOR, OPINION, OPINION, OPINION)),
    "tag_picture": ((DOOR, 405, 405, 405), (WRITTEN, OPINION, OPINION, OPINION)),
    "opinions_of_many": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "undo_opinions": ((DOOR, 405, 405, 405), (DOOR, 400, 400, 400)),
    "offer_tags": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "review": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "flag_picture": ((DOOR, 405, 405, 405), (WRITTEN, 403, 403, OPINION)),
    "act_on_failures": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/review/")),
    "usage_check": ((BACK, 403, 403, 200), (DOOR, 403, 403, 422)),
    "failures_csv": ((DOOR, 403, 403, 200), (DOOR, 405, 405, 405)),
    "set_case_status": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/review/#case-{job}")),
    "note_case": ((DOOR, 405, 405, 405), (WRITTEN, 403, 403, "/review/#case-{job}")),
    "sending_pause": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/review/")),
    "spend": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "export_spend": ((DOOR, 403, 403, 200), (DOOR, 405, 405, 405)),
    "set_budget": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/spend/#budgets")),
    "add_ratio": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/spend/#ratios")),
    "withdraw_ratio": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/spend/#ratios")),
    "add_price": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/spend/#prices")),
    "people": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "state": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "set_limit": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/state/#limits")),
    "alerts": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "add_channel": ((DOOR, 405, 405, 405), (WRITTEN, 403, 403, "/state/alerts/#channel-{new}")),
    "change_channel": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/state/alerts/#channel-{new}")),
    "test_channel": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/state/alerts/#channel-{new}")),
    "show_signing_key": ((DOOR, 405, 405, 405), (DOOR, 403, 403, 200)),
    "remove_channel": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/state/alerts/")),
    "trail": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "export_trail": ((DOOR, 405, 405, 405), (DOOR, 403, 403, 200)),
    "person": ((BACK, 403, 403, 200), (DOOR, 403, 403, 422)),
    "hand_over": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/{pk}/")),
    "invite": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/?link={new}")),
    "revoke_invite": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/")),
    "password_link": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/?link={new}")),
    "change_access": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/")),
    "approvals": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "approval": ((BACK, 404, 200, 200), (DOOR, 405, 405, 405)),
    "approve": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/approvals/")),
    "decline": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/approvals/")),
    "ask_about": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/approvals/")),
    "cancel_approval": ((DOOR, 405, 405, 405), (DOOR, 404, "/", 403)),
    "note_approval": ((DOOR, 405, 405, 405), (DOOR, 404, "/approvals/{new}/", 403)),
    "healthz": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "readyz": ((503, 503, 503, 503), (405, 405, 405, 405)),
    "metrics": ((404, 404, 404, 404), (405, 405, 405, 405)),
}


def test_every_route_has_a_row() -> None:
    assert set(ROUTES) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_each_person_gets_the_answer_of_the_table(alice: User, bob: User, ada: User, name: str) -> None:
    address, job = address_of(name, alice, ada)
    clients = [Client(), people.signed_in(bob), people.signed_in(alice), people.signed_in(ada)]
    forged = people.signed_in(ada, enforce_csrf_checks=True)
    before = rows()

    def ask(client: Client, method: str) -> Answer:
        """Ask in a world that is put back afterwards."""
        with transaction.atomic():
            response = getattr(client, method)(address, FORMS.get(name, {}) if method == "post" else {})
            answer = answer_of(response, address, job)
            decided = name in CHANGES and method == "post" and isinstance(answer, str) and answer != DOOR
            assert (rows() != before) == decided, f"{method} was answered {answer}"
            transaction.set_rollback(True)
        return answer

    assert tuple(tuple(ask(client, method) for client in clients) for method in ("get", "post")) == TABLE[name]
    assert ask(forged, "post") in {403, 405}


@pytest.mark.parametrize("name", ["picture", "download", "original"])
def test_a_picture_that_does_not_exist_is_not_found(as_alice: Client, name: str) -> None:
    assert as_alice.get(reverse(f"studio:{name}", args=[uuid.uuid4()])).status_code == 404
