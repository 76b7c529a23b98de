"""What a decision needs to be one: the state of its job, and its form."""

from __future__ import annotations

from django.utils import timezone

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
