"""Who gets what at every address: the exact answer for each of four people, to a GET and to a POST of its form.

A route without a row fails. Whoever is refused leaves every row as it was, and a decision that is let through changes one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from studio.engine.archives import make
from studio.forms.keep import compared
from studio.models import (
    AlertChannel,
    AlertDelivery,
    ApiAccount,
    ApiToken,
    Archive,
    Board,
    BoardPicture,
    BoardRemoval,
    Comment,
    DataExport,
    Decision,
    FormatSet,
    Invite,
    Job,
    LayersExport,
    Look,
    LookVersion,
    Notification,
    Picture,
    PictureTag,
    Price,
    ProofLink,
    Rating,
    Ratio,
    SavedView,
    SendingPause,
    Split,
    Star,
    Submission,
    TeamBudget,
    TrailEntry,
    User,
    Webhook,
    WebhookDelivery,
)
from studio.models.proof_link import ProofSpec
from tests import people

# A status, or where the answer leads: {address} is the one asked for.
Answer = int | str
DOOR, BACK = "/sign-in/", "/sign-in/?next={address}"
ARCHIVE, EVERYTHING = "/archives/{new}/", "/exports/everything/{new}/"
LAYER, EXPORT = "/jobs/{job}/layers/?layer=0", "/exports/{new}/"
OPINION = "/pictures/{new}/"
GROUP, SELECT = "/groups/{group}/", "/gallery/?select=on"
BOATS = "/gallery/?q=boats"
BOARD = "/boards/{new}/"
MOVED = "/boards/{new}/?arrange=on#move-{new}"
SAID, NOTES = "/pictures/{new}/#comment-{new}", "/notifications/"
TOKENS = "/account/tokens/"
HOOKS = "/account/webhooks/"
NEW_LOOK, DELETED = "/looks/{new}/", "/looks/?deleted={new}"
ADMINS, CARD, CARD_NEW = "/back-office/login/?next={address}", "/#job-{job}", "/#job-{new}"

# To everybody who has the link, signed in or not.
PROOF, LETS_IN, NO_FORM = "/proof/{new}/", (200, 200, 200, 200), (405, 405, 405, 405)

MINE = "/account/"

# What a GET answers to a stranger, another designer, the owner and an admin; then a POST.
TABLE: dict[str, tuple[tuple[Answer, ...], tuple[Answer, ...]]] = {
    "create": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "submit": ((DOOR, 405, 405, 405), (DOOR, CARD_NEW, CARD_NEW, CARD_NEW)),
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
    "dismiss_failures": ((DOOR, 405, 405, 405), (DOOR, "/", "/", "/")),
    "prioritize_job": ((DOOR, 405, 405, 405), (DOOR, 403, 403, CARD)),
    "layers": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "arrange_layers": ((DOOR, 405, 405, 405), (DOOR, 403, LAYER, LAYER)),
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
    "set_privacy": ((DOOR, 405, 405, 405), (DOOR, 403, "/", 403)),
    "redo": ((DOOR, 405, 405, 405), (DOOR, 403, GROUP, GROUP)),
    "bulk_edit": ((BACK, SELECT, SELECT, SELECT), (DOOR, SELECT, SELECT, SELECT)),
    "formats": ((BACK, 200, 200, 200), (DOOR, 422, 422, 422)),
    "save_format_set": ((DOOR, 405, 405, 405), (DOOR, 404, 404, 404)),
    "remove_format_set": ((DOOR, 405, 405, 405), (DOOR, 403, "/gallery/", "/gallery/")),
    "looks": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "new_look": ((BACK, 200, 200, 200), (DOOR, NEW_LOOK, NEW_LOOK, NEW_LOOK)),
    "look": ((BACK, 200, 200, 200), (DOOR, 403, "{address}", 403)),
    "delete_look": ((DOOR, 405, 405, 405), (DOOR, 403, DELETED, DELETED)),
    "offer_looks": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "dock_look": ((DOOR, 405, 405, 405), (DOOR, 200, 200, 200)),
    "boards": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "new_board": ((BACK, 200, 200, 200), (DOOR, BOARD, BOARD, BOARD)),
    "add_to_board": ((BACK, "/gallery/", "/gallery/", "/gallery/"), (DOOR, BOARD, BOARD, BOARD)),
    "undo_removal": ((DOOR, 405, 405, 405), (DOOR, 404, BOARD, 404)),
    "board": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "board_sheet": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "board_settings": ((BACK, 403, 200, 200), (DOOR, 403, BOARD, BOARD)),
    "move_on_board": ((DOOR, 405, 405, 405), (DOOR, MOVED, MOVED, MOVED)),
    "remove_from_board": ((DOOR, 405, 405, 405), (DOOR, BOARD, BOARD, BOARD)),
    "set_cover": ((DOOR, 405, 405, 405), (DOOR, BOARD, BOARD, BOARD)),
    "archive_board": ((DOOR, 405, 405, 405), (DOOR, 403, BOARD, BOARD)),
    "delete_board": ((DOOR, 405, 405, 405), (DOOR, 403, "/boards/?deleted={new}", "/boards/?deleted={new}")),
    "save_view": ((DOOR, 405, 405, 405), (DOOR, BOATS, BOATS, BOATS)),
    "remove_view": ((DOOR, 405, 405, 405), (DOOR, 403, "/gallery/", "/gallery/")),
    "gallery": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
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
    "comments": ((BACK, 200, 200, 200), (DOOR, SAID, SAID, SAID)),
    "offer_people": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "edit_comment": ((DOOR, 405, 405, 405), (DOOR, 403, SAID, 403)),
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
    "tag_picture": ((DOOR, 405, 405, 405), (DOOR, OPINION, OPINION, OPINION)),
    "opinions_of_many": ((DOOR, 405, 405, 405), (DOOR, "/gallery/", "/gallery/", "/gallery/")),
    "undo_opinions": ((DOOR, 405, 405, 405), (DOOR, 400, 400, 400)),
    "offer_tags": ((DOOR, 200, 200, 200), (DOOR, 405, 405, 405)),
    "review": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "flag_picture": ((DOOR, 405, 405, 405), (DOOR, 403, 403, OPINION)),
    "act_on_failures": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/review/")),
    "usage_check": ((BACK, 403, 403, 200), (DOOR, 403, 403, 422)),
    "failures_csv": ((DOOR, 403, 403, 200), (DOOR, 405, 405, 405)),
    "set_case_status": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/review/#case-{job}")),
    "note_case": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/review/#case-{job}")),
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
    "add_channel": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/state/alerts/#channel-{new}")),
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
    "tokens": ((BACK, 200, 200, 200), (DOOR, 422, 422, 422)),
    "revoke_token": ((DOOR, 405, 405, 405), (DOOR, 404, TOKENS, f"{TOKENS}?whose=all")),
    "webhooks": ((BACK, 200, 200, 200), (DOOR, 422, 422, 422)),
    "change_webhook": ((DOOR, 405, 405, 405), (DOOR, 404, HOOKS, 404)),
    "test_webhook": ((DOOR, 405, 405, 405), (DOOR, 404, f"{HOOKS}#webhook-{{new}}", 404)),
    "show_webhook_key": ((DOOR, 405, 405, 405), (DOOR, 404, 200, 404)),
    "sessions_of_person": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "end_session_of_person": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/{new}/sessions/")),
    "remove_second_step_of_person": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/people/{new}/sessions/")),
    "account": ((BACK, 200, 200, 200), (DOOR, 405, 405, 405)),
    "change_name": ((DOOR, 405, 405, 405), (DOOR, 422, 422, 422)),
    "change_email": ((DOOR, 405, 405, 405), (DOOR, 422, 422, 422)),
    "confirm_email": ((BACK, MINE, MINE, MINE), (DOOR, MINE, MINE, MINE)),
    "change_password": ((DOOR, 405, 405, 405), (DOOR, 422, 422, 422)),
    "second_step_setup": ((BACK, 200, 200, 200), (DOOR, 422, 422, 422)),
    "turn_off_second_step": ((DOOR, 405, 405, 405), (DOOR, 422, 422, 422)),
    "recovery_codes": ((DOOR, MINE, MINE, MINE), (DOOR, 405, 405, 405)),
    "new_recovery_codes": ((DOOR, 405, 405, 405), (DOOR, 422, 422, 422)),
    "add_passkey": ((DOOR, 405, 405, 405), (DOOR, 422, 422, 422)),
    "new_passkey": ((DOOR, MINE, MINE, MINE), (DOOR, MINE, MINE, MINE)),
    "remove_passkey": ((DOOR, 405, 405, 405), (DOOR, 404, MINE, 404)),
    "end_own_session": ((DOOR, 405, 405, 405), (DOOR, MINE, MINE, MINE)),
    "end_other_sessions": ((DOOR, 405, 405, 405), (DOOR, MINE, MINE, MINE)),
    "second_step": ((DOOR, "/", "/", "/"), (DOOR, "/", "/", "/")),
    "passkey_sign_in": ((200, "/", "/", "/"), (422, "/", "/", "/")),
    "provider_sign_in": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "provider_answer": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "forgotten": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "approvals": ((BACK, 403, 403, 200), (DOOR, 405, 405, 405)),
    "approval": ((BACK, 404, 200, 200), (DOOR, 405, 405, 405)),
    "approve": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/approvals/")),
    "decline": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/approvals/")),
    "ask_about": ((DOOR, 405, 405, 405), (DOOR, 403, 403, "/approvals/")),
    "cancel_approval": ((DOOR, 405, 405, 405), (DOOR, 404, "/", 403)),
    "note_approval": ((DOOR, 405, 405, 405), (DOOR, 404, "/approvals/{new}/", 403)),
    "theme": ((DOOR, 405, 405, 405), (DOOR, "/", "/", "/")),
    "sign_in": ((200, "/", "/", "/"), (422, "/", "/", "/")),
    "sign_out": ((405, 405, 405, 405), (DOOR, DOOR, DOOR, DOOR)),
    "join": ((200, 200, 200, 200), (422, 422, 422, 422)),
    "healthz": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "readyz": ((503, 503, 503, 503), (405, 405, 405, 405)),
    "metrics": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "admin:index": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:login": ((DOOR, 403, 403, 403), (DOOR, 403, 403, 403)),
    "admin:logout": ((DOOR, "/back-office/", "/back-office/", 405), (DOOR, "/back-office/", "/back-office/", 200)),
    "admin:password_change": ((BACK, ADMINS, ADMINS, 404), (DOOR, ADMINS, ADMINS, 404)),
    "admin:password_change_done": ((BACK, ADMINS, ADMINS, 404), (DOOR, ADMINS, ADMINS, 404)),
    "admin:studio_trailentry_changelist": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_trailentry_add": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_trailentry_history": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_trailentry_delete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_trailentry_change": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 403)),
    "admin:autocomplete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 405)),
    "admin:jsi18n": ((DOOR, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 405)),
    "admin:view_on_site": ((BACK, ADMINS, ADMINS, 404), (DOOR, ADMINS, ADMINS, 404)),
    "admin:app_list": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_job_changelist": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_job_add": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_job_history": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_job_delete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_job_change": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_attempt_changelist": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_attempt_add": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_attempt_history": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_attempt_delete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_attempt_change": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_user_changelist": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_user_add": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_user_history": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_user_delete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_user_change": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 403)),
}

# Addresses of a picture that came of a source.
EDITS = {"keep", "comparison_map", "keep_preview"}

# What a decision needs to be one: the state of its job, and its form.
STATES = {
    "cancel_job": "waiting",
    "retry_job": "failed",
    "stop_waiting": "late",
    "send_job_again": "unknown",
    "look_up_job": "unknown",
    "write_off_job": "failed",
    "act_on_failures": "failed",
    "set_case_status": "failed",
    "note_case": "failed",
    "dismiss_job": "failed",
    "prioritize_job": "waiting",
    "cancel_unsent": "waiting",
}
FORMS: dict[str, dict[str, str]] = {
    "flag_picture": {"reason": "Refused for three people"},
    "act_on_failures": {"act": "resolve", "all": "on"},
    "set_case_status": {"status": "acknowledged"},
    "note_case": {"text": "Luma had an outage."},
    "submit": {
        "token": "5a7c3a53-5b0c-4b0e-8c6e-0d0f6ab1a3f7",
        "type": "image",
        "prompt": "A paper boat",
        "model": "uni-1",
        "aspect_ratio": "3:2",
        "style": "auto",
        "count": "1",
    },
    "keep": {"region-1": "take"},
    "marks": {
        "token": "7a7c3a53-5b0c-4b0e-8c6e-0d0f6ab1a3f7",
        "marks": '[{"kind": "number", "points": [9, 9], "words": "A cat"}]',
        "model": "uni-1",
        "count": "1",
    },
    "look_up_job": {"id": "0a7c3a53-5b0c-4b0e-8c6e-0d0f6ab1a3f7"},
    "sending_pause": {"state": "paused"},
    "set_limit": {"value": "7"},
    "add_channel": {"name": "Team", "kind": "email", "address": "team@studio.example", "events": "paused"},
    "change_channel": {"state": "off"},
    "set_budget": {"per_month": "600"},
    "add_ratio": {"ratio": "4:3", "width": "2368", "height": "1792", "first_day": f"{timezone.localdate()}"},
    "withdraw_ratio": {"ratio": "3:1", "first_day": f"{timezone.localdate()}"},
    "add_price": {"model": "uni-1", "per": "picture", "amount": "0.05", "first_day": f"{timezone.localdate()}"},
    "change_access": {"access": "none"},
    "theme": {"theme": "dark"},
    "archive": {"size": "web", "list": "on"},
    "arrange_layers": {"layer": "0", "name": "Sphere"},
    "export_layers": {"kind": "psd"},
    "choose": {"state": "off"},
    "redo": {"seen": "1"},
    "set_privacy": {"state": "on"},
    "new_look": {"act": "save", "name": "Paper cut", "words": "torn edges"},
    "look": {"act": "save", "name": "Harbour dusk", "whose": "team", "seen": "1", "words": "less grain"},
    "delete_look": {"state": "on"},
    "comments": {"text": "Keep this one"},
    "edit_comment": {"text": "Keep the other one"},
    "delete_comment": {"state": "on"},
    "change_webhook": {"state": "off"},
    "resolve_comment": {"state": "on"},
    "notification_ways": {"desktop": "done"},
    "crop": {"turn": "1"},
    "new_board": {"name": "Harbour"},
    "board_settings": {"name": "Dunes"},
    "archive_board": {"state": "on"},
    "delete_board": {"state": "on"},
    "save_view": {"name": "Boats", "query": "q=boats"},
    "star": {"state": "on"},
    "rate": {"value": "3"},
    "decide": {"verdict": "approved"},
    "tag_picture": {"tag": "Harbour"},
    "cut_out": {"token": "6a7c3a53-5b0c-4b0e-8c6e-0d0f6ab1a3f7"},
}
CHANGES = STATES.keys() | FORMS.keys()
CHANGES |= {"revoke_proof", "add_to_board", "undo_removal", "set_cover", "move_on_board", "remove_from_board"}
CHANGES |= {"opinions_of_many"}
CHANGES |= {"invite", "revoke_invite", "password_link", "keep_all", "remove_format_set", "remove_view", "new_archive"}
CHANGES |= {"trash_picture", "delete_picture", "test_channel", "remove_channel", "test_webhook"}
CHANGES |= {"trash_picture", "delete_picture", "revoke_token", "archive_picture", "export_person", "export_board"}


def routes(resolver: URLResolver, space: str = "studio:") -> Iterator[tuple[str, list[str]]]:
    """Every address that the studio answers, its back office included: its name and what it takes."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif entry.name or space == "studio:":
            # Without a name: what Django's admin answers for addresses that are none.
            yield f"{space}{entry.name}".removeprefix("studio:"), list(entry.pattern.regex.groupindex)


# What programs call with a token has a table of its own (tests/api/test_matrix.py).
ROUTES = {name: takes for name, takes in routes(get_resolver()) if not name.startswith(("api:", "luma:", "mcp"))}
OF_LAYERS = {
    "layers",
    "arrange_layers",
    "export_layers",
    "layers_export",
    "download_export",
    "layers_proof",
    "cut_out_layer",
}


def address_of(name: str, owner: User, admin: User) -> tuple[str, Job]:
    """One real address of a route, and the job that it is about."""
    state = STATES.get(name, "done")
    took = {"took": timedelta(minutes=6)} if state == "late" else {}
    of_layers = name in OF_LAYERS
    kind: dict[str, Any] = {"type": "layering", "source": people.make_picture(owner)} if of_layers else {}
    if name in EDITS:
        kind = {"type": "image_edit", "source": people.make_picture(owner)}
        for _ in range(60):
            people.image_bytes()  # so that the edit has another colour
    job = people.make_job(owner, state="making" if took else state, aspect_ratio="1:1", **took, **kind)
    export = an_export(job) if of_layers else None
    picture = job.pictures.first()
    lying = compared(picture, kind["source"]) if picture and name in EDITS else None
    _, token = Invite.issue(by=admin, role=User.Role.DESIGNER, now=timezone.now())
    attempt = job.attempts_made.first()
    noun = re.sub(r"admin:studio_|_.*", "", name)
    of_picture = {"picture", "download", "original", "rendition", "crop", "cut_out", "cut_out_layer", "formats", *EDITS}
    of_picture |= {"star", "rate", "decide", "tag_picture"}
    of_picture |= {"comments", "offer_people", "marks", "family", "filmstrip", "picture_uses"}
    of_picture |= {"picture_sheet", "archive_picture", "stack"}
    of_picture |= {"trash_picture", "delete_picture", "flag_picture"}
    code = picture.code if picture and name in of_picture else job.code
    if name in {"group", "keep_all", "cancel_unsent", "choose", "redo", "set_privacy"}:
        code = job.submission.code
    if export and name in {"layers_export", "download_export"}:
        code = export.code
    if name == "new_archive":
        FORMS[name] = {"picture": str(picture.code)} if picture else {}
    if name == "opinions_of_many":
        FORMS[name] = {"picture": str(picture.code), "act": "approved"} if picture else {}
    if name in OF_BOARD and picture:
        code, FORMS[name] = a_board(owner, picture, name), {**FORMS.get(name, {}), "picture": str(picture.code)}
    if name == "add_to_board" and picture:
        FORMS[name] = {"picture": str(picture.code), "name": "Harbour", "make": "on"}
    if name in {"archive", "download_archive"}:
        code = an_archive(owner, job, is_done=name == "download_archive").code
    if name == "data_export":
        code = DataExport.ask(owner, subject=owner, now=timezone.now())[0].code
    if name in {"edit_comment", "delete_comment", "resolve_comment"} and picture:
        code = Comment.objects.say(picture, "Mine", by=owner).code
    if name in {"change_webhook", "test_webhook", "show_webhook_key"}:
        code = Webhook.objects.create(person=owner, address="https://hooks.example/x").code
    if name == "revoke_token":
        code = ApiToken.objects.create(person=owner, name="Nightly", secret_hash="0" * 64).code
    if name == "open_notification":
        code = Notification.objects.create(person=owner, kind="change", text="x", address="/gallery/").code
    if name in {"change_channel", "test_channel", "show_signing_key", "remove_channel"}:
        hook = {"kind": "webhook", "address": "https://hooks.example/", "created_by": admin}
        code = AlertChannel.objects.create(name="Hook", events=["paused"], **hook).code
    if name in OF_APPROVAL:
        code = people.make_approval(owner).code
    look = people.make_look(owner, is_team=True, words="grain")
    kwargs: dict[str, Any] = {
        "code": look.code if name in {"look", "delete_look"} else a_view(owner).code if name == "remove_view" else code,
        "content": "together" if of_layers else lying.content[:12] if lying else picture.sha256[:12] if picture else "",
        "which": "numbers",
        "size": 256,
        "reason": "admin",
        "name": "slots",
        "field": "board",
        "month": f"{timezone.localdate():%Y-%m}",
        "pk": Invite.objects.get().pk if name == "revoke_invite" else owner.pk,
        **({"pk": a_set(owner).pk} if name == "remove_format_set" else {}),
        "token": token,
        "app_label": "studio",
        "content_type_id": 1,
        **({"pk": a_passkey(owner).pk} if name == "remove_passkey" else {}),
        "session": 1,
        "object_id": {"job": job, "attempt": attempt, "trailentry": TrailEntry.objects.get()}.get(noun, owner).pk,
    }
    if "proof" in name and picture and not of_layers:
        link, kwargs["token"] = ProofLink.make(owner, A_PROOF, pictures=[picture])
        kwargs["code"] = link.code if name == "revoke_proof" else picture.code
        FORMS["new_proof"] = {"picture": str(picture.code)}
    full = name if ":" in name else f"studio:{name}"
    return reverse(full, kwargs={key: kwargs[key] for key in ROUTES[name]}), job


A_PROOF = ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=7), downloads="web")


OF_APPROVAL = {"approval", "approve", "decline", "ask_about", "cancel_approval", "note_approval"}
OF_BOARD = {"board", "board_settings", "archive_board", "delete_board", "undo_removal"}
OF_BOARD |= {"board_sheet", "export_board"}
OF_BOARD |= {"move_on_board", "remove_from_board", "set_cover"}


def a_board(owner: User, picture: Picture, name: str) -> uuid.UUID:
    """Make a board of the team with a picture; return its code, or that of what was taken off it."""
    board, now = Board.make(owner, name="Harbour", now=timezone.now()), timezone.now()
    BoardPicture.add(board, [picture.pk], by=owner, now=now)
    if name != "undo_removal":
        return board.code
    removal = BoardPicture.remove(board, [picture.pk], by=owner, now=now)
    assert removal
    return removal.code


def a_set(owner: User) -> FormatSet:
    return FormatSet.objects.create(name="Campaign", person=owner, is_team=True, ratios=["1:1"])


def a_passkey(owner: User) -> Authenticator:
    return Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Laptop", "credential": {}})


def a_view(owner: User) -> SavedView:
    return SavedView.save_as(owner, name="Boats", query="q=boats", is_team=True)


def an_export(job: Job) -> LayersExport:
    """A file of the layers of a split that is compared with its source; its bytes are those of some picture."""
    split, file = Split.of(job), job.pictures.get().file
    split.average, split.together_file, split.compare_due_at = 0.5, file, None
    split.save()
    export, _ = LayersExport.ask(split, "zip", now=timezone.now())
    LayersExport.objects.filter(pk=export.pk).update(state="done", file=file)
    return export


def an_archive(owner: User, job: Job, *, is_done: bool) -> Archive:
    """A zip that its owner may start, or one that is made."""
    archive = Archive.choose(owner, list(job.pictures.values_list("pk", flat=True)), [])
    if is_done:
        archive.start(size="original", has_settings=True, has_list=False, now=timezone.now())
        make(archive.pk)
    return archive


def rows() -> list[Any]:
    """Everything a decision could change, as it stands."""
    tables = (Job, Submission, Picture, Invite, SendingPause, User, Split, LayersExport, FormatSet, Look, LookVersion)
    tables += (Board, BoardPicture, BoardRemoval, DataExport, TeamBudget, Price, Ratio)
    tables += (ApiToken, SavedView, Archive, Star, Rating, Decision, PictureTag, Comment)
    # That a file was taken away is noted, and decides nothing.
    Picture.objects.exclude(exported_at=None).update(exported_at=None)
    links = list(ProofLink.objects.order_by("pk").values("pk", "revoked_at"))
    fixed = list(ApiAccount.objects.exclude(fixed={}).values("fixed"))
    tables += (AlertChannel, AlertDelivery, Webhook, WebhookDelivery)
    return [links, fixed, *(list(table.objects.order_by("pk").values()) for table in tables)]


def answer_of(response: HttpResponse, address: str, job: Job) -> Answer:
    if response.streaming:
        assert b"".join(response.streaming_content)
    if not response.has_header("Location"):
        return response.status_code
    where = response.headers["Location"].replace(f"next={address}", "next={address}").replace(str(job.code), "{job}")
    where = where.replace(str(job.submission.code), "{group}")
    where = re.sub(r"^/proof/[\w-]{43}/.*", PROOF, where)
    where = re.sub(r"^/pictures/[0-9a-f-]{36}/", "/pictures/{new}/", where)
    where = where if where == address else re.sub(r"(?<=boards/|emoved=)[0-9a-f-]{36}", "{new}", where)
    where = re.sub(r"(?<=#move-)[0-9a-f-]{36}", "{new}", where)
    where = where if where == address else re.sub(r"(?<=looks/|leted=)[0-9a-f-]{36}", "{new}", where)
    where = re.sub(r"(?<=^/people/)[0-9]+(?=/sessions/)", "{new}", where)
    where = "{address}" if where == address else re.sub(r"^/people/\d+/$", "/people/{pk}/", where)
    return re.sub(
        r"(?<=link=)[\w-]+|(?<=reference=)[0-9a-f-]{36}|(?<=#job-)[0-9a-f-]{36}|(?<=#comment-)[0-9a-f-]{36}|(?<=#channel-|#webhook-)[0-9a-f-]{36}|(?<=exports/|rchives/|provals/|rything/)[0-9a-f-]{36}|(?<=jobs/)[0-9a-f-]{36}",
        "{new}",
        where,
    )


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
