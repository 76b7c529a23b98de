"""Where pictures come from: what was asked for, with what, by whom, what it cost, and what became of it.

A fixed number of queries for a page of pictures, however many the studio has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from studio.embedding.notes import SOURCE_TYPES
from studio.models.job import Job
from studio.models.jobs.attempt import Attempt
from studio.models.lineage.lineage import Lineage
from studio.models.opinions.comment import Comment
from studio.models.opinions.opinion import Decision
from studio.models.people import User
from studio.models.picture import Picture, load_sizes
from studio.models.pictures.layers import load_stacks
from studio.models.requests.input import Input
from studio.models.submission import Submission

# The newest of each picture; nobody reads more, and a page stays a page.
MOST_DECISIONS = 20
MOST_ATTEMPTS = 20
# A split asks for its layers one by one, and SQLite takes 500 parts of a statement.
FAMILIES_AT_ONCE = 10


@dataclass(slots=True)
class Provenance:
    """A picture and what is known of it, as far as the person who asks may see it."""

    picture: Picture
    inputs: list[Input] = field(default_factory=list)
    # How many of its inputs are private to somebody else, and left out.
    hidden: int = 0
    # It was made with somebody else's private look.
    hides_look: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    # The newest first, of the team and of clients.
    decisions: list[Decision] = field(default_factory=list)
    comments: int = 0
    # How much was made from it, counted to studio.models.lineage.lineage.MOST_COUNTED.
    made_from: int = 0

    @classmethod
    def of(cls, keys: Sequence[int], person: User) -> list[Provenance]:
        """Return the provenance of the pictures with these keys that the person may see, in their order."""
        seen = Picture.objects.visible_to(person).select_related(
            "person", "job__submission__look__look", "job__submission__person", "kept_from__job__submission"
        )
        found = seen.in_bulk(list(keys))
        pictures = [found[key] for key in dict.fromkeys(keys) if key in found]
        load_sizes(pictures)
        load_stacks(pictures)
        inputs = _inputs(one.job.submission_id for one in pictures if one.job)
        attempts = _attempts(one.job_id for one in pictures if one.job_id)
        decisions = _decisions(pictures)
        comments = _comments(pictures)
        family = _made_from(pictures, person)
        listed = []
        for one in pictures:
            used = inputs[one.job.submission_id] if one.job else []
            shown = [each for each in used if not each.picture.is_hidden_from(person)]
            listed.append(
                cls(
                    one,
                    shown,
                    len(used) - len(shown),
                    bool(one.job and one.job.submission.hides_look_from(person)),
                    attempts[one.job_id or 0],
                    decisions[one.pk],
                    comments.get(one.pk, 0),
                    family.get(one.pk, 0),
                )
            )
        return listed

    @property
    def job(self) -> Job | None:
        return self.picture.job

    @property
    def submission(self) -> Submission | None:
        return self.picture.job.submission if self.picture.job else None

    @property
    def sent(self) -> str:
        """What Luma read, where that is not what the person typed; "" else."""
        asked = None if self.hides_look else self.submission
        number = sum(one.role == Input.Role.REFERENCE for one in self.inputs) + self.hidden
        read = asked.wire_prompt(number) if asked else ""
        return read if asked and read != asked.prompt else ""

    @property
    def price(self) -> Decimal | None:
        """In dollars: nothing for what was kept here or uploaded; None where Luma publishes no price."""
        return Decimal(0) if self.job is None or self.picture.is_kept else self.job.price

    @property
    def source_type(self) -> str:
        """The IPTC digital source type that its files are marked with, or ""."""
        return SOURCE_TYPES.get(self.picture.marked_as, "")

    @property
    def team_decisions(self) -> list[Decision]:
        return [one for one in self.decisions if one.client_id is None]

    @property
    def client_decisions(self) -> list[Decision]:
        return [one for one in self.decisions if one.client_id is not None]


def _inputs(submissions: Iterable[int]) -> dict[int, list[Input]]:
    rows = Input.objects.filter(submission_id__in=list(submissions)).order_by("submission_id", "position")
    found: dict[int, list[Input]] = defaultdict(list)
    pictures = []
    for one in rows.select_related("picture__person", "picture__job__submission"):
        found[one.submission_id].append(one)
        pictures.append(one.picture)
    load_sizes(pictures)
    return found


def _attempts(jobs: Iterable[int]) -> dict[int, list[Attempt]]:
    last = Window(RowNumber(), partition_by=F("job"), order_by=F("number").desc())
    rows = Attempt.objects.filter(job_id__in=list(jobs)).annotate(rank=last).filter(rank__lte=MOST_ATTEMPTS)
    found: dict[int, list[Attempt]] = defaultdict(list)
    for one in rows.order_by("job_id", "number"):
        found[one.job_id].append(one)
    return found


def _decisions(pictures: Sequence[Picture]) -> dict[int, list[Decision]]:
    last = Window(RowNumber(), partition_by=F("picture"), order_by=F("pk").desc())
    rows = Decision.objects.filter(picture__in=pictures).annotate(rank=last).filter(rank__lte=MOST_DECISIONS)
    found: dict[int, list[Decision]] = defaultdict(list)
    for one in rows.select_related("person", "client").order_by("-pk"):
        found[one.picture_id].append(one)
    return found


def _comments(pictures: Sequence[Picture]) -> dict[int, int]:
    rows = Comment.objects.standing().filter(picture__in=pictures)
    return dict(rows.values("picture").annotate(number=Count("pk")).values_list("picture", "number"))


def _made_from(pictures: Sequence[Picture], person: User) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(pictures), FAMILIES_AT_ONCE):
        found |= Lineage.made_from(pictures[start : start + FAMILIES_AT_ONCE], person)
    return found
