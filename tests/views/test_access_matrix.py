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

from studio.models import User
from tests import people
from tests.views.route_forms import FORMS
from tests.views.routes import ROUTES, address_of

pytestmark = pytest.mark.untraced

TABLE: dict[str, str] = {
    "→ 405 | 200 405 | → 405 | 200 405 | 200 405": "create",
    "405 403 | 405 → | 405 403 | 405 → | 405 →": (
        "submit dock_board move_on_board remove_from_board set_cover dismiss_failures trash_chosen restore_trashed "
        "empty_trash opinions_of_many archive_chosen undo_archiving stack_chosen undo_stack"
    ),
    "200 403 | 200 400 | 200 403 | 200 400 | 200 400": "draft",
    "403 403 | 404 422 | 403 403 | 404 422 | 404 422": "upload",
    "403 405 | 200 405 | 403 405 | 200 405 | 200 405": "my_uploads past_prompts offer_looks",
    "200 405 | 200 405 | 200 405 | 200 405 | 200 405": (
        "boards board pulse looks gallery filter_menu trash proof proof_picture proof_download proof_file offer_tags "
        "notifications keys healthz board_sheet account proofs"
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
        "undo_removal arrange_layers cancel_unsent keep_all choose redo trash_picture "
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
    "403 403 | 404 404 | 403 403 | 404 404 | 200 →": "crop keep marks set_privacy",
    "403 405 | 404 405 | 403 405 | 404 405 | 200 405": "keep_preview",
    "403 403 | → → | 403 403 | → → | → 200": "new_proof",
    "→ → | → → | → → | → → | → →": (
        "proof_password sign_in admin:studio_job_history admin:studio_attempt_history second_step "
        "admin:studio_ledgerrow_history passkey_sign_in confirm_email new_passkey"
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
        "admin:studio_trailentry_changelist admin:studio_trailentry_history admin:studio_ledgerrow_changelist"
    ),
    "403 403 | 403 403 | 403 403 | 403 403 | 403 403": "admin:login",
    "→ → | → → | → → | 405 200 | → →": "admin:logout",
    "→ → | → → | → → | 200 405 | → →": "admin:jsi18n",
    "→ → | → → | → → | 403 405 | → →": "admin:autocomplete",
    "→ → | → → | → → | 404 404 | → →": "admin:password_change admin:password_change_done admin:view_on_site",
    "→ → | → → | → → | 403 403 | → →": (
        "admin:studio_job_add admin:studio_job_delete admin:studio_attempt_add "
        "admin:studio_attempt_delete admin:studio_user_add admin:studio_user_delete "
        "admin:studio_trailentry_add admin:studio_trailentry_delete "
        "admin:studio_ledgerrow_add admin:studio_ledgerrow_delete"
    ),
    "→ → | → → | → → | → 403 | → →": (
        "admin:studio_job_change admin:studio_attempt_change admin:studio_ledgerrow_change"
    ),
    "→ → | → → | → → | 200 403 | → →": "admin:studio_user_change admin:studio_trailentry_change",
    "405 404 | 405 404 | 405 404 | 405 → | 405 →": "revoke_token revoke_proof",
    "→ 405 | → 405 | → 405 | → 405 | → 405": "gallery_count recovery_codes",
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
