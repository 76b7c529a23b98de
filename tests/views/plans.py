"""How the database finds the rows of a query, asked with the parameters that the query really binds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# The tables that grow without end.
HISTORY = {
    f"studio_{name}"
    for name in (
        "job",
        "submission",
        "picture",
        "rendition",
        "input",
        "attempt",
        "casenote",
        "ledgerrow",
        "spentday",
        "spent",
        "searchdocument",
        "searchword",
        "boardpicture",
        "comment",
        "decision",
        "notification",
        "picturetag",
        "rating",
        "star",
    )
}
# The index of what is under way holds nothing else: reading all of it is no walk through the history.
SHORT = {"jobs_under_way"}
# What a query may take the first page of, in the order of the index, and what may be equal in many rows beside it.
PAGED = re.compile(
    r"(has_active|has_failed|has_done|is_at_rest)_of_(a_person|the_team)|submissions_of_a_person|uploads_of_a_person|gallery|renditions_due"
    r"|(open|settled)_cases(_of_a_cause)?|acknowledged_cases|notes_of_a_case|jobs_by_revision|jobs_of_a_kind|board_by_hand|board_newest_first|board_decided_by_hand|board_decided_newest_first"
    r"|notifications_of_a_person|new_notifications_in_order|comments_of_a_picture|trash_of_(a_person|the_team)|trash_to_delete"
)
COARSE = {"board_id", "decision", "person_id", "state", "kind", "cause", "asked_by_id", "settled_by_id", "origin"}
STEP = re.compile(r"(SCAN|SEARCH) (\S+)(?: USING (?:COVERING )?INDEX (\S+)| USING .*)?(?: \((.*)\))?")
LIMITED_WITHIN = re.compile(r" ORDER BY [^()]+ LIMIT \d+\)")
ALIAS = re.compile(r'"(studio_\w+)" (\w+)')


@contextmanager
def walks() -> Iterator[list[str]]:
    """Collect the queries of a block that would read a growing table from end to end, with their plans."""
    found: list[str] = []
    asking = False

    def ask(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal asking
        if not asking and not many and sql.lstrip("( ").startswith(("SELECT", "UPDATE", "DELETE")):
            asking = True
            try:
                plan = (_sqlite if connection.vendor == "sqlite" else _postgresql)(sql, params)
                if plan:
                    found.append(f"{sql}\n  {params}\n  " + "\n  ".join(plan))
            finally:
                asking = False
        return execute(sql, params, many, context)

    with connection.execute_wrapper(ask):
        yield found


def _sqlite(sql: str, params: Any) -> list[str]:
    """The steps that walk; a plan is lines such as `SEARCH U0 USING INDEX jobs_by_revision (rev>?)`."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [(parent, step) for _, parent, _, step in cursor.fetchall()]
    tables = {alias: table for table, alias in ALIAS.findall(sql)}
    sorted_at = {parent for parent, step in steps if "TEMP B-TREE FOR ORDER BY" in step}

    def is_page(parent: int) -> bool:
        """The first rows of an order: of the whole query, or in it of one whose own rows are not sorted."""
        if not sorted_at:
            return " LIMIT " in sql
        return parent != 0 and parent not in sorted_at and bool(LIMITED_WITHIN.search(sql))

    return [step for parent, step in steps if _walks(step, tables, is_page=is_page(parent))]


def _walks(step: str, tables: dict[str, str], *, is_page: bool) -> bool:
    known = STEP.match(step)
    if known is None:
        return False
    verb, name, index, terms = known.groups()
    if tables.get(name, name) not in HISTORY or index in SHORT:
        return False
    columns = {re.split(r"[<>=]", term)[0] for term in (terms or "").split(" AND ")}
    if verb == "SEARCH" and columns - COARSE:
        return False
    return not (is_page and index and PAGED.fullmatch(index))


def _postgresql(sql: str, params: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        told = cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_seqscan = on")
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return [f"{node['Node Type']} on {node['Relation Name']}" for node in _nodes(plan) if _is_seq_scan(node)]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _is_seq_scan(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in HISTORY


def believe_in_a_million() -> None:
    """Give SQLite's planner the statistics of a studio with a million pictures (benchmarks.pages)."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")
        gone = {index for _, index, _ in MILLION}.difference(name for (name,) in cursor.fetchall())
        assert not gone, f"No index has this name any more, and its number would count for the table: {gone}"
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1 WHERE tbl LIKE 'studio_%%'")
        cursor.executemany(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)",
            [(f"studio_{table}", index, stat) for table, index, stat in MILLION],
        )
        cursor.execute("ANALYZE sqlite_schema")


# What ANALYZE counts there, and settled cases, of which there are none there. Each names an index: SQLite takes the
# number of another name for that of the whole table.
MILLION = (
    ("attempt", "attempt_by_time", "999810 1"),
    ("attempt", "sqlite_autoindex_studio_attempt_1", "999810 1 1"),
    ("attempt", "studio_attempt_asked_by_id_8d128792", "999810 999810"),
    ("attempt", "studio_attempt_job_id_5ddbe0ec", "999810 1"),
    ("attempt", "studio_attempt_look_by_id_d7c3fa3e", "999810 999810"),
    ("comment", "comments_by_revision", "100000 3 1"),
    ("comment", "comments_of_a_picture", "100000 3 1 1"),
    ("comment", "replies_of_a_thread", "20000 3 1 1"),
    ("decision", "decisions_of_a_client", "550 550 2"),
    ("decision", "decisions_to_undo", "320000 32000 1"),
    ("decision", "studio_decision_picture_id_adab3943", "320000 1"),
    ("job", "jobs_by_making", "949810 1 1 1"),
    ("job", "jobs_by_revision", "1000000 1"),
    ("job", "jobs_by_time", "1000000 1"),
    ("job", "jobs_of_a_kind", "949810 949810 1"),
    ("job", "jobs_of_a_person", "1000000 100000 1"),
    ("job", "jobs_under_way", "200 20 12 1"),
    ("job", "open_cases", "49990 1 1"),
    ("job", "open_cases_by_revision", "49990 1"),
    ("job", "open_cases_of_a_cause", "49990 16664 1 1"),
    ("job", "settled_cases", "2000 1 1"),
    ("job", "settled_cases_of_a_cause", "2000 667 1 1"),
    ("job", "sqlite_autoindex_studio_job_1", "1000000 1"),
    ("job", "sqlite_autoindex_studio_job_2", "1000000 1"),
    ("job", "sqlite_autoindex_studio_job_3", "1000000 1 1"),
    ("job", "studio_job_settled_by_id_bc806aaa", "1000000 1000000"),
    ("picture", "gallery", "949810 1 1"),
    ("picture", "picture_by_content", "949810 1"),
    ("picture", "sqlite_autoindex_studio_picture_1", "949810 1"),
    ("picture", "sqlite_autoindex_studio_picture_2", "949810 1 1"),
    ("picture", "studio_picture_job_id_6735c277", "949810 1"),
    ("rendition", "sqlite_autoindex_studio_rendition_1", "3799240 4 1"),
    ("rendition", "studio_rendition_picture_id_e45cc8c0", "3799240 4"),
    ("submission", "has_active_of_a_person", "186 19 1 1"),
    ("submission", "has_active_of_the_team", "186 1 1"),
    ("searchdocument", "sqlite_autoindex_studio_searchdocument_1", "949990 1"),
    ("searchword", "sqlite_autoindex_studio_searchword_1", "40000 1"),
    ("submission", "has_done_of_a_person", "899822 89983 1 1"),
    ("submission", "has_done_of_the_team", "899822 1 1"),
    ("submission", "has_failed_of_a_person", "49990 7142 1 1"),
    ("submission", "has_failed_of_the_team", "49990 1 1"),
    ("submission", "is_at_rest_of_a_person", "874828 87483 1 1"),
    ("submission", "is_at_rest_of_the_team", "874828 1 1"),
    ("submission", "sqlite_autoindex_studio_submission_1", "925003 1"),
    ("submission", "sqlite_autoindex_studio_submission_2", "925003 92501 1"),
    ("submission", "submissions_of_a_person", "925003 92501 1 1"),
)
