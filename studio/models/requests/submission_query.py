"""Which submissions somebody may see, and where each belongs on the Create page."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists

from studio.models.people import User
from studio.models.sql.compiled_query import KEY, CompiledUpdate

S = TypeVar("S", bound=models.Model)  # the Submission, whose module imports this one

# The flags of a submission, each with its own indexes, and what its jobs have to be.
FLAGS = ("has_active", "has_failed", "has_done", "is_at_rest")


def _flags() -> dict[str, models.expressions.Combinable | models.Q | Exists]:
    jobs = apps.get_model("studio", "Job").objects.filter(submission=models.OuterRef("pk"))
    active, failed = Exists(jobs.in_progress()), Exists(jobs.failures().on_feed())
    ended = Exists(jobs.filter(state__in=["done", "cancelled"]).on_feed())
    return {
        "has_active": active,
        "has_failed": failed,
        "has_done": Exists(jobs.filter(state="done").on_feed()),
        "is_at_rest": models.ExpressionWrapper(ended & ~active, output_field=models.BooleanField()),
    }


# The flags of one, by its key: what `SubmissionQuerySet.sort_into_feed` does, at each step of each job.
sort_one_into_feed = CompiledUpdate(
    lambda key: apps.get_model("studio", "Submission").objects.filter(pk=key), _flags, KEY
)


class SubmissionQuerySet(models.QuerySet[S]):
    def visible_to(self, person: User) -> Self:
        """The team's, and the person's own private ones."""
        return self.filter(models.Q(is_private=False) | person.owned()) if person.is_active else self.none()

    def sort_into_feed(self) -> int:
        """Set the flags as the jobs are. Call it inside the transaction that changed one, after its revision."""
        return self.update(**_flags())

    def missorted(self) -> Self:
        """Those whose flags are not as their jobs are. Reads every job."""
        true = self.alias(**{f"true_{flag}": value for flag, value in _flags().items()})
        wrong = (~models.Q((flag, models.F(f"true_{flag}"))) for flag in FLAGS)
        return self.filter(pk__in=true.filter(reduce(or_, wrong)).values("pk"))


def tells_of_look(person: User, path: str) -> Exists:
    """Whether a job tells a person of its look: their own does, and any that they see of the team's looks."""
    Submission = apps.get_model("studio", "Submission")  # whose module imports this one
    used = Submission.objects.visible_to(person).filter(**{path: models.OuterRef("pk")})
    return Exists(used.filter(person.owned() | models.Q(look__look__is_team=True)))
