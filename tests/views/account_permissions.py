"""Who gets what at the addresses of signing in and of one's own account (test_permissions.py says how it is read)."""

from __future__ import annotations

from tests.views.route_answers import BACK, DOOR, HOOKS, MINE, TOKENS, Permissions

ACCOUNT: Permissions = {
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
    "theme": ((DOOR, 405, 405, 405), (DOOR, "/", "/", "/")),
    "sign_in": ((200, "/", "/", "/"), (422, "/", "/", "/")),
    "sign_out": ((405, 405, 405, 405), (DOOR, DOOR, DOOR, DOOR)),
    "join": ((200, 200, 200, 200), (422, 422, 422, 422)),
}
