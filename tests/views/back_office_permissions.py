"""Who gets what in the back office (test_permissions.py says how it is read)."""

from __future__ import annotations

from tests.views.route_answers import ADMINS, BACK, DOOR, Permissions

BACK_OFFICE: Permissions = {
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
    "admin:studio_ledgerrow_changelist": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_ledgerrow_add": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_ledgerrow_history": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_ledgerrow_delete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_ledgerrow_change": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_user_changelist": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_user_add": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_user_history": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 200)),
    "admin:studio_user_delete": ((BACK, ADMINS, ADMINS, 403), (DOOR, ADMINS, ADMINS, 403)),
    "admin:studio_user_change": ((BACK, ADMINS, ADMINS, 200), (DOOR, ADMINS, ADMINS, 403)),
}
