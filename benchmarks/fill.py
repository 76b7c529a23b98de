"""A studio with many pictures, made in the database itself: a million rows a minute and no object for any of them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks import bulk, fill_team

PEOPLE = 10
FAILED = 20  # one job in so many
IN_PROGRESS = 200
YEARS = 2
RUNGS = (256, 512, 1024, 2048)
# A group of four in one submission out of so many.
GROUPS = 10

SQLITE = {
    "numbers": "WITH RECURSIVE n(i) AS (SELECT %(first)s UNION ALL SELECT i + 1 FROM n WHERE i < %(last)s)",
    "code": "lower(hex(randomblob(16)))",
    "sha": "lower(hex(randomblob(32)))",
    # With microseconds, as Django writes times: SQLite compares them as text.
    "moment": "strftime('%%Y-%%m-%%d %%H:%%M:%%f001', {seconds}, 'unixepoch')",
}
POSTGRESQL = {
    "numbers": "WITH n AS (SELECT generate_series(%(first)s, %(last)s) AS i)",
    "code": "gen_random_uuid()",
    "sha": "md5(random()::text) || md5(random()::text)",
    "moment": "to_timestamp({seconds})",
}
# Evenly over the years; what is under way was asked for one after the other until now.
SECONDS = (
    "CASE WHEN i > %(living)s THEN %(now)s - (%(total)s - i) * 3 - 30"
    " ELSE %(start)s + (i * 1.0 / %(total)s) * %(span)s END"
)
# Equal shares, or nine in ten of one person.
OWNERS = {
    False: "%(person)s + ({home}) / 7 %% %(people)s",
    True: "%(person)s + CASE WHEN ({home}) / 7 %% 10 < 9 THEN 0 ELSE ({home}) / 70 %% %(people)s END",
}

SUBMISSIONS = """
{numbers}
INSERT INTO studio_submission (id, code, person_id, token, created_at, type, prompt, model, aspect_ratio, style,
  output_format, web_search, layering_resolution, count, unit_price, has_active, has_failed, has_done, is_at_rest,
  blanks, full_prompt, is_private)
SELECT i, {code}, {owner}, {code}, {at}, 'image',
  'A whitewashed courtyard at noon, three arches and a red sphere, number ' || i, 'uni-1', '3:2', 'auto',
  '', FALSE, '', 1, 0.0404, FALSE, FALSE, FALSE, FALSE, '[]', '', FALSE
FROM n
"""
# Four in a row share the first one's submission, now and then; the empty submissions go afterwards.
HOME = "CASE WHEN i >= 4 * {groups} AND i %% (4 * {groups}) < 4 THEN i - i %% (4 * {groups}) ELSE i END"
JOBS = """
{numbers}
INSERT INTO studio_job (id, code, submission_id, person_id, kind, number, price, charge, state, state_at, rev, prioritized,
  lease_owner, lease_epoch, weight, attempts, request_id, provider, remote_id, created_at, sent_at, accepted_at,
  making_at, made_at, finished_at, due_at, fetches, bad_files, resends, hold_reason, cause, failure_code, sentence, detail,
  fit, remedy, is_private, settled_as, asked_cause, custody)
SELECT i, {code}, {home}, {owner}, 'image:uni-1', i - ({home}) + 1, 0.0404,
  CASE WHEN i > %(living)s THEN CASE WHEN i %% 20 = 0 THEN 'held' ELSE 'none' END WHEN i %% %(failed)s = 0 THEN 'refunded' ELSE 'charged' END,
  CASE WHEN i > %(living)s THEN CASE WHEN i %% 20 = 0 THEN 'running' ELSE 'waiting' END
       WHEN i %% (%(failed)s * 10) = 0 THEN 'unknown' WHEN i %% %(failed)s = 0 THEN 'failed' ELSE 'done' END,
  {at}, i, FALSE, '', 1, 1, 1, {code}, 'https://agents.example/v1',
  CASE WHEN i > %(living)s AND i %% 20 <> 0 THEN NULL ELSE 'remote-' || i END,
  {at}, {at}, {at}, {at},
  CASE WHEN i > %(living)s OR i %% %(failed)s = 0 THEN NULL ELSE {later} END,
  CASE WHEN i > %(living)s THEN NULL ELSE {later} END,
  CASE WHEN i > %(living)s THEN {later} ELSE NULL END,
  0, 0, 0, '',
  CASE WHEN i > %(living)s OR i %% %(failed)s <> 0 THEN '' WHEN i %% (%(failed)s * 10) = 0 THEN 'unknown'
       WHEN i %% (%(failed)s * 2) = 0 THEN 'refused' ELSE 'luma_failed' END,
  '', 'Luma failed.', '', '{{}}', '{{}}', FALSE, '', '', 0
FROM n
"""
ATTEMPTS = """
INSERT INTO studio_attempt (job_id, number, request_id, sent_at, weight, ended_at, outcome, detail, remote_id,
  price, charge, possible_ids, look_result)
SELECT id, 1, request_id, sent_at, 1, finished_at,
  CASE state WHEN 'done' THEN 'done' WHEN 'failed' THEN 'failed' WHEN 'unknown' THEN 'unknown' ELSE 'accepted' END,
  '', '', price, charge, '[]', ''
FROM studio_job WHERE state <> 'waiting'
"""
PICTURES = """
INSERT INTO studio_picture (id, code, origin, person_id, job_id, position, file, sha256, format, width, height, bytes,
  has_alpha, placeholder, colour, original_name, changes, created_at, shown_at,
  rendition_tries, source_type, has_credentials, is_private, is_of_private, rating, decision, flagged_reason)
SELECT id, {code}, 'made', person_id, id, 0, 'originals/' || id || '.png', {sha}, 'png', 2048, 1365, 6000000,
  FALSE, %(placeholder)s, '#8899aa', '', '[]', made_at, made_at, 0, 'trained', FALSE, FALSE, FALSE, 0, '', ''
FROM studio_job WHERE state = 'done'
"""
# One submission in ten edits a picture, mostly the edit before it, so that ten follow one another; one in fifty looks at
# one picture that everybody likes.
LIKED = 4
EDITED = "CASE WHEN s.id % 20 = 0 THEN s.id - 10 WHEN s.id % 200 = 10 THEN s.id - 7 ELSE s.id - 20 END"
INPUTS = (
    f"SELECT s.id, p.id, 'source', 0, FALSE FROM studio_submission s JOIN studio_picture p ON p.id = {EDITED}"
    " WHERE s.id % 10 = 0",
    f"SELECT s.id, {LIKED}, 'reference', 0, FALSE FROM studio_submission s WHERE s.id % 50 = 1",
)
RENDITIONS = """
INSERT INTO studio_rendition (picture_id, size, file, width, height, bytes)
SELECT p.id, r.size, 'renditions/' || p.id || '-' || r.size || '.webp', r.size, r.size * 2 / 3, r.size * 60
FROM studio_picture AS p CROSS JOIN (SELECT 256 AS size UNION ALL SELECT 512 UNION ALL SELECT 1024 UNION ALL SELECT 2048) AS r
"""
# Words that every picture has, that one in two hundred and one in a hundred thousand have, and pairs of characters; then
# facts as studio.models.search.document writes them, some of other pictures than these. Of few pictures more have the
# second and the last, a page at least: cost and growth are compared of pages of as many tiles.
PAGE_AND_MORE = 80
WORDS = "a whitewashed courtyard at noon three arches and a red sphere number"
DOCUMENT = (
    f"'{WORDS} ' || id || CASE WHEN id % {{few}} = 1 THEN ' harbour' ELSE '' END"
    " || CASE WHEN id % 100000 = 7 THEN ' zeppelin' ELSE '' END || CASE WHEN id % {pairs} = 0 THEN ' 東京 京駅 駅前' ELSE '' END"
    " || ' = =a =v =p' || person_id || CASE WHEN id % 3 = 0 THEN ' =r1x1' ELSE ' =r3x2' END"
    " || CASE WHEN id % 10 = 0 THEN ' =timage-edit' ELSE ' =timage' END || ' =muni-1 =sauto =j' || id"
    " || CASE WHEN id % {pairs} = 0 THEN ' = 東 京 駅 前' ELSE '' END"
)
# One place each, in the order of the gallery.
BESIDE = "row_number() OVER (PARTITION BY shown_at ORDER BY id) - 1"
PLACE = {
    "sqlite": f"CAST(ROUND((julianday(shown_at) - 2440587.5) * 86400000) AS INTEGER) * 1000 + {BESIDE}",
    "postgresql": f"(EXTRACT(EPOCH FROM shown_at) * 1000000)::bigint + {BESIDE}",
}
TOKENS = {
    "sqlite": "tokens",
    "postgresql": """(SELECT string_agg('''' || token || ''':' || at, ' ')
        FROM unnest(string_to_array(tokens, ' ')) WITH ORDINALITY AS t(token, at))::tsvector""",
}
DOCUMENTS = """
INSERT INTO studio_searchdocument (place, picture_id, tokens)
SELECT {place}, id, {tokens} FROM (SELECT id, shown_at, {document} AS tokens FROM studio_picture) AS p
"""
# What each job reserved, and where that went.
LEDGER = """
INSERT INTO studio_ledgerrow (at, day, entry, line, reserved, spent, unknown, jobs, unsure, layers, inputs, inputs_price,
  job_id, submission_id, person_id, client, job_number, model, type)
SELECT {at}, {day}, {entry}, 'pictures', {reserved}, {spent}, 0, {jobs}, 0, 0, 0, 0,
  id, submission_id, person_id, '', '', 'uni-1', 'image'
FROM studio_job {where}
"""
DAY = {"sqlite": "date(created_at)", "postgresql": "(created_at AT TIME ZONE 'UTC')::date"}
BOOKED = (
    {"at": "created_at", "entry": "'reserve'", "reserved": "404", "spent": "0", "jobs": "0", "where": ""},
    {
        "at": "finished_at",
        "entry": "CASE charge WHEN 'charged' THEN 'settle' ELSE 'release' END",
        "reserved": "-404",
        "spent": "CASE charge WHEN 'charged' THEN 404 ELSE 0 END",
        "jobs": "CASE charge WHEN 'charged' THEN 1 ELSE 0 END",
        "where": "WHERE state IN ('done', 'failed', 'unknown')",
    },
)
# A real one of the median weight, as imaging makes them: a browser that cannot draw it, or finds it heavier than any of
# ours, judges the page by another largest paint.
PLACEHOLDER = (
    "data:image/webp;base64,UklGRmAAAABXRUJQVlA4IFQAAABQAQCdASoLABAABABoJZgABYwAAP7p3Py5JW/Wu/zmicban/+2ZvvODLcj79jt5m1wn4u"
    "lvrvtsahHAhSXFQiHJ6EodyBAbrXXmd4Ltb7AGDaQAAA="
)


def fill(count: int, person: int, *, skewed: bool = False) -> float:
    """Put `count` jobs of PEOPLE people, whose keys begin at `person`, into empty tables; return how long it took."""
    began = time.monotonic()
    words = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    now = timezone.now()
    span = timedelta(days=365 * YEARS)
    values: dict[str, Any] = {
        "first": 1,
        "last": count,
        "total": count,
        "start": (now - span).timestamp(),
        "span": span.total_seconds(),
        "now": now.timestamp(),
        "person": person,
        "people": PEOPLE,
        "failed": FAILED,
        "living": count - IN_PROGRESS,
        "placeholder": PLACEHOLDER,
    }
    home = HOME.format(groups=GROUPS)
    parts = {
        **words,
        "home": home,
        "at": words["moment"].format(seconds=SECONDS),
        "later": words["moment"].format(seconds=SECONDS + " + 30"),
    }
    with bulk.unchecked(), bulk.without_indexes(), connection.cursor() as cursor:
        for statement in (SUBMISSIONS, JOBS):
            # In the submissions each row is its own home: those of a group go afterwards.
            owner = OWNERS[skewed].format(home="i" if statement is SUBMISSIONS else home)
            cursor.execute(statement.format(**parts, owner=owner) % {k: _quoted(v) for k, v in values.items()})
        cursor.execute(ATTEMPTS)
        for rows in BOOKED:
            cursor.execute(LEDGER.format(**rows, day=DAY[connection.vendor]))
        cursor.execute(PICTURES.format(**words) % {"placeholder": _quoted(PLACEHOLDER)})
        cursor.execute(RENDITIONS)
        place, tokens = PLACE[connection.vendor], TOKENS[connection.vendor]
        page = max(2, count // PAGE_AND_MORE)
        document = DOCUMENT.format(few=min(211, page), pairs=min(50, page)) + fill_team.opinions(person, PEOPLE, words)
        cursor.execute(DOCUMENTS.format(place=place, tokens=tokens, document=document))
    _finish(count, person, words)
    return time.monotonic() - began


def _finish(count: int, person: int, words: dict[str, str]) -> None:
    """Write what a team adds, and count and sort everything."""
    from studio.models import GalleryMonth, JobCount, Revision, Spent, SpentDay, Submission

    with bulk.unchecked(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM studio_submission WHERE id NOT IN (SELECT submission_id FROM studio_job)")
        cursor.execute(
            "UPDATE studio_submission SET count = 4 WHERE EXISTS"
            " (SELECT 1 FROM studio_job WHERE submission_id = studio_submission.id AND number = 4)"
        )
        for rows in INPUTS:
            cursor.execute(f"INSERT INTO studio_input (submission_id, picture_id, role, position, is_from_look) {rows}")
        if connection.vendor == "postgresql":
            for table in ("submission", "job", "picture"):
                cursor.execute(  # its names are our own
                    f"SELECT setval(pg_get_serial_sequence('studio_{table}', 'id'), (SELECT max(id) FROM studio_{table}))"
                )
    fill_team.rows(count, person, PEOPLE, words)
    _learn()
    Submission.objects.sort_into_feed()
    JobCount.recount()
    GalleryMonth.recount()
    SpentDay.recount()
    Spent.recount()
    Revision.objects.update_or_create(pk="studio", defaults={"number": count + 1})


def _learn() -> None:
    """Know the words of the pictures, and as many others as a team uses in some years."""
    from studio.models import SearchWord

    words = sorted({*WORDS.split(), "harbour", "zeppelin"})
    words += [f"{start}{number:x}" for start in ("court", "ha", "sub", "un", "re") for number in range(8_000)]
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in words], ignore_conflicts=True, batch_size=500)


def _quoted(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
