"""What an address answered, written so that it can be compared, and whether a row changed."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.http import HttpResponse

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
    User,
    Webhook,
    WebhookDelivery,
)

# A status, or where the answer leads: {address} is the one asked for.
Answer = int | str
DOOR, BACK = "/sign-in/", "/sign-in/?next={address}"
WRITTEN = 401  # nobody: what was written is shown again, beside the way to sign in
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

DECIDED: tuple[type[Model], ...] = (
    Job,
    Submission,
    Picture,
    Invite,
    SendingPause,
    User,
    Split,
    LayersExport,
    FormatSet,
)
DECIDED += (Look, LookVersion, Board, BoardPicture, BoardRemoval, DataExport, TeamBudget, Price, Ratio)
DECIDED += (ApiToken, SavedView, Archive, Star, Rating, Decision, PictureTag, Comment)
DECIDED += (AlertChannel, AlertDelivery, Webhook, WebhookDelivery)

# What each address answers to a GET and to a POST of its form.
Permissions = dict[str, tuple[tuple[Answer, ...], tuple[Answer, ...]]]


def rows() -> list[Any]:
    """Everything a decision could change, as it stands. Read as it lies in the tables: it is read thousands of times."""
    # That a file was taken away is noted, and decides nothing.
    Picture.objects.exclude(exported_at=None).update(exported_at=None)
    links = list(ProofLink.objects.order_by("pk").values("pk", "revoked_at"))
    fixed = list(ApiAccount.objects.exclude(fixed={}).values("fixed"))
    with connection.cursor() as cursor:
        return [links, fixed, *(_stored(cursor, table) for table in DECIDED)]


def _stored(cursor: CursorWrapper, table: type[Model]) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table._meta.db_table)} ORDER BY 1")  # noqa: S608
    return list(cursor.fetchall())


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
