"""A query that is made once: true values go where the stand-ins were, on each database."""

from __future__ import annotations

import uuid

import pytest
from django.db.models import QuerySet

from studio.models import Picture, User
from studio.models.prepared_query import PreparedQuery
from tests.people import make_picture


def test_the_values_of_each_call_take_the_places_of_the_stand_ins(alice: User, bob: User) -> None:
    def owners(person: int, code: uuid.UUID) -> QuerySet[Picture, tuple[str]]:
        return Picture.objects.filter(person=person, code=code).values_list("original_name")

    query = PreparedQuery(owners, person=2_147_480_001, code=uuid.UUID(int=2_147_480_002))
    mine, theirs = make_picture(alice, original_name="mine.png"), make_picture(bob, original_name="theirs.png")
    for _ in range(2):  # made, and made already
        assert query.first(person=alice.pk, code=mine.code) == ("mine.png",)
        assert query.first(person=bob.pk, code=theirs.code) == ("theirs.png",)
        assert query.first(person=bob.pk, code=mine.code) is None


def test_a_stand_in_that_became_part_of_the_statement_is_refused(db: None) -> None:
    def behind(number: int) -> QuerySet[Picture]:
        return Picture.objects.order_by("pk")[number:]

    with pytest.raises(ValueError, match="number must be a parameter of the query"):
        PreparedQuery(behind, number=2_147_480_003).first(number=1)
