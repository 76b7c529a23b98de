"""What people think of pictures: stars, ratings and decisions. Tags: tag.py, beside it.

Every verb may be called twice: the second call changes nothing. What search knows follows in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from studio.models.account.notification import Notification
from studio.models.alerts.alert import Event, add_up
from studio.models.boards.counts import count_decision
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof.link import ProofClient
from studio.models.revision import Revision
from studio.models.search.document import SearchDocument
from studio.models.sql.compiled_query import KEY, KEYS, CompiledQuery
from studio.text.names import isolated

BEST = 5


@contextmanager
def changing(picture: Picture) -> Iterator[Picture]:
    """Change what people think of a picture: one after the other, and search and open pages learn of it.

    The revision's row is locked first, so two who decide at once do not meet at the same rows.
    """
    with transaction.atomic():
        rev = Revision.bump()
        rows = Picture.objects.select_related("job__submission__look", "person")
        fresh = rows.get(pk=picture.pk)
        yield fresh
        if Picture.objects.made().filter(pk=picture.pk).exists():
            SearchDocument.write(fresh)
            Picture.objects.filter(pk=fresh.pk).touch(rev)
        picture.rating, picture.decision = fresh.rating, fresh.decision


class Star(models.Model):
    """A person's star on a picture; everybody has their own."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="stars")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stars", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "picture"], name="one_star_for_each_person")]
        indexes = [models.Index(fields=["person", "at"], name="stars_to_undo")]

    def __str__(self) -> str:
        return f"Star of {self.person_id} on {self.picture_id}"

    @classmethod
    def load(cls, pictures: Iterable[Picture], person: User) -> None:
        """Fill in `is_starred` of those that have the person's star, in one query."""
        by_key = {picture.pk: picture for picture in pictures}
        for key in _STARRED(person.pk, list(by_key)) if by_key else ():
            by_key[key].is_starred = True

    @classmethod
    def put(cls, picture: Picture, person: User, *, at: datetime | None = None) -> bool:
        """Star a picture for a person. Return whether that changed anything."""
        if cls.objects.filter(picture=picture, person=person).exists():
            return False
        with changing(picture):
            return cls.objects.get_or_create(picture=picture, person=person, defaults={"at": at or timezone.now()})[1]

    @classmethod
    def take(cls, picture: Picture, person: User) -> bool:
        """Take a person's star away. Return whether that changed anything."""
        if not cls.objects.filter(picture=picture, person=person).exists():
            return False
        with changing(picture):
            return bool(cls.objects.filter(picture=picture, person=person).delete()[0])


_STARRED = CompiledQuery(
    lambda person, keys: Star.objects.filter(person=person, picture__in=keys).values_list("picture", flat=True),
    KEY,
    KEYS,
)


class Rating(models.Model):
    """A rating that somebody gave a picture, 1 to 5, or 0 that takes it back. The newest counts."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="ratings")
    value = models.PositiveSmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.value} for {self.picture_id}"

    @classmethod
    def give(cls, picture: Picture, value: int, *, by: User, seen: str | None = None) -> Rating | None:
        """Rate a picture 1 to 5, or take its rating back with 0; None where it has that rating already.

        `seen`: the rating that is taken back; another one, which somebody gave meanwhile, stays. Raises ValueError for
        any other number.
        """
        if not 0 <= value <= BEST:
            raise ValueError(value)
        with changing(picture) as fresh:
            if fresh.rating == value or (not value and seen not in {None, str(fresh.rating)}):
                return None
            fresh.rating = value
            fresh.save(update_fields=["rating"])
            return cls.objects.create(picture=fresh, value=value, person=by)

    @classmethod
    def newest(cls, picture: Picture) -> Rating | None:
        """The one that counts, with who gave it; None where there is none or it was taken back."""
        if not picture.rating:
            return None
        return cls.objects.filter(picture=picture).select_related("person").order_by("-pk").first()


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
    client = models.ForeignKey(
        ProofClient, on_delete=models.PROTECT, null=True, related_name="decisions", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"], name="decisions_to_undo"),
            # Few are a client's: in an index of all, SQLite takes those of one for a third of the table, and reads it whole.
            models.Index(
                fields=["client", "picture"],
                name="decisions_of_a_client",
                condition=models.Q(client__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.picture_id}"

    @property
    def who(self) -> str:
        """The name of whoever decided."""
        return self.person.name if self.person else self.client.name if self.client else ""

    @classmethod
    def newest(cls, picture: Picture) -> Decision | None:
        """The last one, also where it took a decision back."""
        rows = cls.objects.filter(picture=picture).select_related("person", "client")
        return rows.order_by("-pk").first()

    @classmethod
    def make(
        cls,
        picture: Picture,
        verdict: str,
        *,
        by: User | None = None,
        client: ProofClient | None = None,
        at: datetime | None = None,
        seen: str | None = None,
    ) -> Decision | None:
        """Decide on a picture, or take the decision back with ""; None where nothing changes.

        One of `by` and `client` decides. A client's own word is kept even where the team decided the same. Whoever
        decided before is told, and the picture's owner; of a client's word the proof link tells (proof/answers.py).
        `seen`: the verdict that is taken back; another one, which somebody decided meanwhile, stays. Raises ValueError
        for an unknown verdict.
        """
        if verdict not in cls.Verdict.values:
            raise ValueError(verdict)
        with changing(picture) as fresh:
            before = cls.newest(fresh)
            is_theirs = client is None or (before is not None and before.client_id == client.pk)
            if fresh.decision == verdict and (is_theirs or before is None):
                return None
            if not verdict and seen not in {None, fresh.decision}:
                return None
            if client and before and not verdict and not before._is_of_link(client):
                return before._come_again(client=client)
            count_decision(fresh, verdict)
            made = cls.objects.create(picture=fresh, verdict=verdict, person=by, client=client, at=at or timezone.now())
            made._tell(before)
            if verdict == cls.Verdict.APPROVED and not fresh.is_private:
                made._announce()
            return made

    def take_back(self, *, by: User) -> bool:
        """Bring back what was decided before this, as whose it was, unless somebody has decided since. Return whether that
        was done."""
        rows = Decision.objects.filter(picture=self.picture).select_related("person", "client").order_by("-pk")
        with transaction.atomic():
            Revision.bump()
            newest, before = [*rows[:2], None, None][:2]
            if newest is None or newest.pk != self.pk:
                return False
            if before is None or not before.verdict:
                return bool(Decision.make(self.picture, "", by=by))
            with changing(self.picture) as fresh:
                count_decision(fresh, before.verdict)
                before._come_again(by=by)._tell(self)
        return True

    def _is_of_link(self, client: ProofClient) -> bool:
        """Whether it was decided through the proof link of this client."""
        return self.client is not None and self.client.link_id == client.link_id

    def _come_again(self, *, by: User | None = None, client: ProofClient | None = None) -> Decision:
        """Be the newest again, as whose word it was, where somebody takes back their own; return the row that does."""
        rows, at = Decision.objects, self.at
        taken = rows.create(picture=self.picture, verdict="", person=by, client=client)
        rows.create(picture=self.picture, verdict=self.verdict, person=self.person, client=self.client, at=at)
        return taken

    def _announce(self) -> None:
        """Let the channels that want to hear of it know; what one person approves within a minute is one line."""

        # A client may give anybody's name.
        who = f"Client {isolated(self.who)}" if self.client_id else isolated(self.who)

        def said(number: int) -> str:
            what = f"“{isolated(self.picture.title[:200])}”" if number == 1 else f"{number} pictures"
            return f"{who} approved {what}"

        key = f"person-{self.person_id}" if self.person_id else f"client-{self.client_id}"
        add_up(Event.APPROVED, key, said, address=self.picture.get_absolute_url(), wait=timedelta(minutes=1))

    def _tell(self, before: Decision | None) -> None:
        """Tell the picture's owner, and whose decision this one takes the place of."""
        people = {} if self.client else {self.picture.person_id: self.picture.person}
        if before and before.verdict and before.person:
            people[before.person.pk] = before.person
        did = SAID[self.verdict]
        for person in people.values():
            Notification.tell(
                person,
                Notification.Kind.DECISION,
                f"{did} “{isolated(self.picture.title[:200])}”",
                self.picture.get_absolute_url(),
                actor=self.person,
                client=self.client,
                picture=self.picture,
            )


SAID = {
    "": "took back the decision on",
    "candidate": "made a candidate of",
    "approved": "approved",
    "rejected": "rejected",
}
