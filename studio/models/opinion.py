"""What people think of pictures: stars, ratings, decisions and tags."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof_link import ProofClient


class Star(models.Model):
    """A person's star on a picture; everybody has their own."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="stars")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stars", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "picture"], name="one_star_for_each_person")]

    def __str__(self) -> str:
        return f"Star of {self.person_id} on {self.picture_id}"


class Rating(models.Model):
    """A rating that somebody gave a picture, 1 to 5, or 0 that takes it back. The newest counts."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="ratings")
    value = models.PositiveSmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.value} for {self.picture_id}"


class Decision(models.Model):
    """What somebody decided on a picture, or "" that takes it back. The newest counts; none is ever changed."""

    class Verdict(models.TextChoices):
        NONE = "", "Undecided"
        CANDIDATE = "candidate", "Candidate"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    # One of the two: a person of the team, or a client of a proof link.
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey(ProofClient, on_delete=models.PROTECT, null=True, related_name="decisions")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.picture_id}"


class Tag(models.Model):
    """A word that people sort pictures by. `key` is its folded spelling: one tag, however it is typed."""

    name = models.CharField(max_length=50)
    key = models.CharField(max_length=100, unique=True)
    # How many pictures have it, kept with every change: what completion offers first.
    number = models.PositiveIntegerField(default=0, db_index=True)

    def __str__(self) -> str:
        return self.name


class PictureTag(models.Model):
    """A tag on a picture, and who put it there."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "picture"], name="one_tagging_for_each_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.picture_id}"
