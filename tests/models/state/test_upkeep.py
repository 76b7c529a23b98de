"""The planner's statistics follow the tables as they grow."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from studio.models import User
from studio.models.state.upkeep import tune
from tests.people import make_person

pytestmark = pytest.mark.django_db


def known_people() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = %s", [User._meta.db_table])
        return int(cursor.fetchone()[0] or 0)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="of PostgreSQL, which keeps its statistics itself")
def test_postgresql_is_left_to_itself(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        tune()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its statistics itself")
def test_statistics_are_taken_again_once_a_table_has_doubled() -> None:
    for number in range(4):
        make_person(f"Person {number}")
    tune()
    assert known_people() == 4
    make_person("Person 4")
    tune()
    assert known_people() == 4
    for number in range(5, 9):
        make_person(f"Person {number}")
    tune()
    assert known_people() == 9
