"""An object that was made of a row without the constructor is like any other."""

from __future__ import annotations

from typing import Any

from studio.models import Job, Submission, User
from tests.people import make_job


def test_a_loaded_row_is_whole_and_known_to_the_database(alice: User) -> None:
    made = make_job(alice, state="done")
    loaded = Job.objects.get(pk=made.pk)
    fresh = Job(**{field.attname: getattr(loaded, field.attname) for field in Job._meta.concrete_fields})
    names = {field.attname for field in Job._meta.concrete_fields}
    assert names <= loaded.__dict__.keys()
    assert loaded == fresh
    assert (loaded._state.adding, loaded._state.db, fresh._state.adding) == (False, "default", True)
    loaded.prioritized = True
    loaded.save(update_fields=["prioritized"])
    loaded.refresh_from_db()
    assert Job.objects.values().get() == {name: getattr(loaded, name) for name in names}


def test_what_was_not_read_is_read_when_it_is_asked_for(alice: User, django_assert_num_queries: Any) -> None:
    made = make_job(alice, prompt="A harbour")
    job = Job.objects.select_related("submission").only("code", "submission__type").get(pk=made.pk)
    with django_assert_num_queries(0):
        assert (job.code, job.submission.type, job.get_deferred_fields() >= {"state"}) == (made.code, "image", True)
    with django_assert_num_queries(2):
        assert (job.state, job.submission.prompt) == ("waiting", "A harbour")
    assert Submission.objects.get(pk=job.submission_id) == job.submission
