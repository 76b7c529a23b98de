"""Addresses of one's own account, and of signing in."""

from __future__ import annotations

from django.urls import path

from studio.views.account import (
    forgotten,
    own_passkeys,
    provider_sign_in,
    second_step,
    second_step_setup,
    sessions,
    sign_in,
    tokens,
    webhooks,
)
from studio.views.account import page as account

pages = [
    # /account/tokens/
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<uuid:code>/revocation/", tokens.revoke_token, name="revoke_token"),
    # /account/webhooks/
    path("account/webhooks/", webhooks.webhooks, name="webhooks"),
    path("account/webhooks/<uuid:code>/", webhooks.change_webhook, name="change_webhook"),
    path("account/webhooks/<uuid:code>/test/", webhooks.test_webhook, name="test_webhook"),
    path("account/webhooks/<uuid:code>/signing-key/", webhooks.show_webhook_key, name="show_webhook_key"),
    # account
    path("people/<int:pk>/sessions/", sessions.sessions_of_person, name="sessions_of_person"),
    path("people/<int:pk>/sessions/<int:session>/end/", sessions.end_session_of_person, name="end_session_of_person"),
    path(
        "people/<int:pk>/second-step/removal/",
        sessions.remove_second_step_of_person,
        name="remove_second_step_of_person",
    ),
    # /account/
    path("account/", account.account, name="account"),
    path("account/name/", account.change_name, name="change_name"),
    path("account/email/", account.change_email, name="change_email"),
    path("account/email/<str:token>/", account.confirm_email, name="confirm_email"),
    path("account/password/", account.change_password, name="change_password"),
    path("account/second-step/", second_step_setup.second_step_setup, name="second_step_setup"),
    path("account/second-step/removal/", second_step_setup.turn_off_second_step, name="turn_off_second_step"),
    path("account/recovery-codes/", second_step_setup.recovery_codes, name="recovery_codes"),
    path("account/recovery-codes/new/", second_step_setup.new_recovery_codes, name="new_recovery_codes"),
    path("account/passkeys/", own_passkeys.add_passkey, name="add_passkey"),
    path("account/passkeys/new/", own_passkeys.new_passkey, name="new_passkey"),
    path("account/passkeys/<int:pk>/removal/", own_passkeys.remove_passkey, name="remove_passkey"),
    path("account/sessions/end/", sessions.end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<int:pk>/end/", sessions.end_own_session, name="end_own_session"),
    # sign-in
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/second-step/", second_step.second_step, name="second_step"),
    path("sign-in/passkey/", second_step.passkey_sign_in, name="passkey_sign_in"),
    path("sign-in/provider/", provider_sign_in.provider_sign_in, name="provider_sign_in"),
    path("sign-in/provider/answer/", provider_sign_in.provider_answer, name="provider_answer"),
    path("sign-in/forgotten/", forgotten.forgotten, name="forgotten"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("welcome/<str:token>/", sign_in.join, name="join"),
]
