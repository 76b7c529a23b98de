"""Addresses of the admins' pages: failures, money, people, the state of things."""

from __future__ import annotations

from django.urls import path

from studio.views.review import cases, failures_csv, usage_check
from studio.views.review import page as review
from studio.views.spend import csv as spend_csv
from studio.views.spend import page as spend
from studio.views.spend import ratios as spend_ratios
from studio.views.state import page as state
from studio.views.team import alerts, approvals, person, trail
from studio.views.team import page as people

pages = [
    # /approvals/
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<uuid:code>/", approvals.approval, name="approval"),
    path("approvals/<uuid:code>/approval/", approvals.approve, name="approve"),
    path("approvals/<uuid:code>/refusal/", approvals.decline, name="decline"),
    path("approvals/<uuid:code>/question/", approvals.ask_about, name="ask_about"),
    path("approvals/<uuid:code>/cancellation/", approvals.cancel_approval, name="cancel_approval"),
    path("approvals/<uuid:code>/note/", approvals.note_approval, name="note_approval"),
    # /review/
    path("review/", review.review, name="review"),
    path("review/usage/", usage_check.usage_check, name="usage_check"),
    path("review/acts/", cases.act_on_failures, name="act_on_failures"),
    path("review/failures.csv", failures_csv.failures_csv, name="failures_csv"),
    path("jobs/<uuid:code>/case/", cases.set_case_status, name="set_case_status"),
    path("jobs/<uuid:code>/notes/", cases.note_case, name="note_case"),
    path("review/pauses/<str:reason>/", review.pause, name="sending_pause"),
    # /spend/
    path("spend/", spend.spend, name="spend"),
    path("spend/budgets/", spend.set_budget, name="set_budget"),
    path("spend/prices/", spend.add_price, name="add_price"),
    path("spend/ratios/", spend_ratios.add_ratio, name="add_ratio"),
    path("spend/ratios/withdrawn/", spend_ratios.withdraw_ratio, name="withdraw_ratio"),
    path("spend/<str:month>.csv", spend_csv.export_spend, name="export_spend"),
    # /people/
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", person.person, name="person"),
    path("people/<int:pk>/hand-over/", person.hand_over_work, name="hand_over"),
    path("people/invites/", people.invite, name="invite"),
    path("people/invites/<int:pk>/revocation/", people.revoke_invite, name="revoke_invite"),
    path("people/<int:pk>/password-link/", people.password_link, name="password_link"),
    path("people/<int:pk>/access/", people.change_access, name="change_access"),
    # /state/
    path("state/", state.state, name="state"),
    path("state/limits/<str:name>/", state.set_limit, name="set_limit"),
    path("state/alerts/", alerts.alerts, name="alerts"),
    path("state/alerts/new/", alerts.add_channel, name="add_channel"),
    path("state/alerts/<uuid:code>/", alerts.change_channel, name="change_channel"),
    path("state/alerts/<uuid:code>/test/", alerts.test_channel, name="test_channel"),
    path("state/alerts/<uuid:code>/signing-key/", alerts.show_signing_key, name="show_signing_key"),
    path("state/alerts/<uuid:code>/removal/", alerts.remove_channel, name="remove_channel"),
    # /trail/
    path("trail/", trail.trail, name="trail"),
    path("trail/export/", trail.export_trail, name="export_trail"),
]
