"""What a person should know, and has read or not."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from studio.models import keyset
from studio.models.alerts.alert import Event, raise_alert
from studio.models.board import Board
from studio.models.clearing import delete_some
from studio.models.opinions.comment import Comment, who_sees
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof.link import ProofClient
from studio.models.revision import Revision
from studio.models.sql.loading import QuickLoad
from studio.text.names import cut, isolated

LONGEST = 300  # characters of its text
QUOTED = 160  # characters of what somebody said, or of a prompt
KEPT = timedelta(days=90)  # once it is read
# What nobody counts further: the bell then says 99+.
MOST_COUNTED = 100
# Earlier speakers of a thread who hear of a reply.
MOST_SPEAKERS = 50
# Ways beyond the page itself in which a person may be told.
WAYS = ("desktop", "sound")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, person: User) -> NotificationQuerySet:
        return self.filter(person=person)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)

    def newest_first(self) -> NotificationQuerySet:
        return self.order_by("-at", "-pk")

    def older_than(self, at: datetime, pk: int) -> NotificationQuerySet:
        """Keyset paging: what follows (at, pk) in the newest-first order."""
        return keyset.below(self, "at", at, pk)

    def newest_wanted(self, person: User) -> Notification | None:
        """The newest unread one, if it is of a kind that the person wants told by desktop notice or sound.

        Nothing of a picture that is private now, or in the trash, and another's: its words would name it.
        """
        if not person.notify:
            return None
        found = self.of(person).unread().newest_first().select_related("actor", "client", "picture").first()
        picture = found.picture if found else None
        if picture and (picture.is_private or picture.trashed_at) and not person.owns(picture.person_id):
            return None
        return found if found and found.ways else None

    def read(self, *, now: datetime) -> int:
        """Mark these as read; every open page of the person hears of it."""
        with transaction.atomic():
            Revision.bump()
            return self.filter(read_at__isnull=True).update(read_at=now)

    def clear_old(self, *, now: datetime) -> int:
        """Delete some of those that were read long ago; return how many."""
        return delete_some(self.filter(read_at__lt=now - KEPT))


class Notification(QuickLoad):
    """Something that happened and that a person should know: one row, however many pictures it is about."""

    class Kind(models.TextChoices):
        DONE = "done", "My pictures are ready"
        FAILED = "failed", "Something of mine failed"
        MENTION = "mention", "Somebody mentions me"
        COMMENT = "comment", "Comments on my pictures"
        DECISION = "decision", "Decisions on my pictures"
        CHANGE = "change", "Somebody changes something of mine"
        PROOF = "proof", "A client answers"
        APPROVAL = "approval", "Approvals"
        ALARM = "alarm", "Studio needs an admin"
        BUDGET = "budget", "A budget is nearly used up"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Whoever did it: a person, a client, or nobody.
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey(ProofClient, on_delete=models.CASCADE, null=True, related_name="+")
    # What the row says after the name, and where it leads.
    text = models.CharField(max_length=300)
    address = models.CharField(max_length=300)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, null=True, related_name="+")
    board = models.ForeignKey(Board, on_delete=models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, related_name="notifications")
    # Rows of one key are one: of a group of pictures, say. "" for those that stand alone.
    key = models.CharField(max_length=80, blank=True)
    number = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notifications_of_a_person"),
            # What the bell counts, and the unread one of a key.
            models.Index(fields=["person", "key"], name="new_notifications", condition=models.Q(read_at__isnull=True)),
            # The new ones in order, and of a kind: every page counts those of the person's own jobs.
            models.Index(
                fields=["person", "-at", "-id"],
                name="new_notifications_in_order",
                condition=models.Q(read_at__isnull=True),
            ),
            models.Index(
                fields=["person", "kind"], name="new_notifications_of_a_kind", condition=models.Q(read_at__isnull=True)
            ),
            # What is old enough to be cleared.
            models.Index(fields=["read_at"], name="read_notifications", condition=models.Q(read_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def who(self) -> str:
        """The name of whoever did it, or ""."""
        return self.actor.name if self.actor else self.client.name if self.client else ""

    @property
    def ways(self) -> list[str]:
        """How its person wants to be told of its kind, beyond the page."""
        chosen = self.person.notify.get(self.kind, ()) if isinstance(self.person.notify, dict) else ()
        return [way for way in WAYS if way in chosen]

    # ---- Telling

    @classmethod
    def tell(
        cls,
        person: User,
        kind: Notification.Kind,
        text: str,
        address: str,
        *,
        actor: User | None = None,
        client: ProofClient | None = None,
        picture: Picture | None = None,
        board: Board | None = None,
        comment: Comment | None = None,
        key: str = "",
    ) -> None:
        """Tell a person, or who looks after their work, something, unless they did it themselves or may not see the
        `picture`. Rows of one unread `key` become one, which counts them, where the same did all of them.

        Called inside the transaction of what happened, after the rows that it locks: from here to the commit the
        revision is locked.
        """
        person = person.keeper
        if (actor and actor.pk == person.pk) or (picture and picture.is_hidden_from(person)):
            return
        Revision.bump()
        fields: dict[str, Any] = {
            "kind": kind,
            "text": cut(text, LONGEST),
            "address": address,
            "actor": actor,
            "client": client,
            "picture": picture,
            "board": board,
            "comment": comment,
        }
        rows = cls.objects.of(person).unread()
        if key and (same := rows.filter(key=key, actor=actor, client=client).first()):
            rows.filter(pk=same.pk).update(**fields, number=models.F("number") + 1, at=timezone.now())
        else:
            cls.objects.create(person=person, key=key, **fields)

    @classmethod
    def tell_owners(
        cls, pictures: Iterable[Picture], did: str, then: str = "", *, by: User, several_at: str = ""
    ) -> None:
        """Tell the owners what somebody else did with their pictures: `did` “this one”, `then` how or where.

        `several_at`: where several are shown; without it the first of them.
        """
        by_owner: dict[int, list[Picture]] = defaultdict(list)
        for one in pictures:
            by_owner[one.person_id].append(one)
        for first, *more in by_owner.values():
            what = f"{len(more) + 1} of your pictures" if more else f"“{isolated(first.title[:80])}”"
            address = several_at if more and several_at else first.get_absolute_url()
            cls.tell(first.person, cls.Kind.CHANGE, f"{did} {what}{then}", address, actor=by, picture=first)

    @classmethod
    def tell_comment(cls, comment: Comment, *, besides: Collection[int] = (), is_new: bool = True) -> None:
        """Tell whom a comment concerns, each person once: who is named, who spoke in its thread, whose picture it is.

        `besides`: the keys of people who were named before. Of a comment that was changed only who is named now hears.
        """
        named = {person for _, _, person in comment.named} - set(besides)
        speakers: set[int] = set()
        if is_new and comment.thread_id:
            thread = Comment.objects.filter(models.Q(pk=comment.thread_id) | models.Q(thread=comment.thread_id))
            newest = thread.standing().filter(person__isnull=False).order_by("-pk")
            speakers = {key for key in newest.values_list("person", flat=True)[:MOST_SPEAKERS] if key}
        owner = {comment.picture.person_id} if is_new else set()
        for person in who_sees(comment.picture, named | speakers | owner):
            kind, said, key = cls.Kind.COMMENT, "commented", f"comments:{comment.picture_id}"
            if person.pk in named:
                kind, said, key = cls.Kind.MENTION, "mentioned you", ""
            elif comment.client_id:
                kind = cls.Kind.PROOF
            elif person.pk in speakers:
                said, key = "replied", f"thread:{comment.thread_id}"
            cls._tell_of(comment, person, kind, f"{said}: {_quoted(comment)}", by=comment.person, key=key)

    @classmethod
    def forget(cls, comment: Comment) -> None:
        """Take back what was told of a comment; a row that counts others too goes on with the one before it."""
        same = {"picture": comment.picture_id, "person": comment.person_id, "client": comment.client_id}
        theirs = Comment.objects.standing().filter(pk__lt=comment.pk, **same).order_by("-pk")
        rows = cls.objects.filter(comment=comment)
        for row in rows.filter(number__gt=1):
            of_thread = theirs.filter(thread=comment.thread_id) if row.key.startswith("thread:") else theirs
            if before := of_thread.first():
                text = row.text if row.key.startswith("proof-") else f"{row.text.split(':')[0]}: {_quoted(before)}"
                row.text, row.address, row.comment = cut(text, LONGEST), before.get_absolute_url(), before
                row.number -= 1
                row.save(update_fields=["text", "address", "comment", "number"])
        rows.delete()

    @classmethod
    def tell_deleted_comment(cls, comment: Comment, *, by: User) -> None:
        if comment.person:
            cls._tell_of(comment, comment.person, cls.Kind.CHANGE, f"deleted your comment: {_quoted(comment)}", by=by)

    @classmethod
    def tell_resolved_comment(cls, comment: Comment, *, by: User) -> None:
        if comment.person:
            text = f"resolved your comment: {_quoted(comment)}"
            cls._tell_of(comment, comment.person, cls.Kind.COMMENT, text, by=by, key=f"resolved:{comment.pk}")

    @classmethod
    def _tell_of(
        cls, comment: Comment, person: User, kind: Notification.Kind, text: str, *, by: User | None, key: str = ""
    ) -> None:
        client = None if by else comment.client
        address, about = comment.get_absolute_url(), comment.picture
        cls.tell(person, kind, text, address, actor=by, client=client, picture=about, comment=comment, key=key)

    @classmethod
    def tell_end(cls, submission_id: int) -> None:
        """Tell who asked for a group of pictures how it ended, once none of them is under way any more.

        A group is a batch, or one submission. Called inside the transaction in which one of its jobs ended.
        """
        submissions: Any = apps.get_model("studio", "Submission").objects
        jobs: Any = apps.get_model("studio", "Job").objects
        asked = submissions.select_related("person", "batch").get(pk=submission_id)
        group = submissions.filter(batch=asked.batch_id) if asked.batch_id else submissions.filter(pk=submission_id)
        if group.filter(has_active=True).exists():
            return
        states = Counter(jobs.filter(submission__in=group.values("pk")).values_list("state", flat=True))
        done, failed, unknown = states["done"], states["failed"], states["unknown"]
        parts = [(done, "finished"), (failed, "failed"), (unknown, "with an unknown outcome")]
        ended = [(number, word) for number, word in parts if number]
        (first, word), *more = ended
        said = ", ".join([f"{first} of {done + failed + unknown} {word}", *(f"{one} {word}" for one, word in more)])
        if done + failed + unknown == 1:
            said = "Outcome unknown" if unknown else word.capitalize()
        title = (asked.batch.title if asked.batch_id else asked.prompt) or "Layers"
        job = jobs.filter(submission=submission_id).order_by("-number").first()
        made = (
            Picture.objects.filter(job__submission=submission_id, position=0, job__state="done").order_by("-pk").first()
        )
        address = job.get_absolute_url()
        if asked.batch_id or asked.count > 1:
            address = reverse("studio:group", args=[asked.batch_id or asked.code])
        elif made:
            address = made.get_absolute_url()
        kind = cls.Kind.FAILED if failed or unknown else cls.Kind.DONE
        key = f"group:{asked.batch_id or asked.code}"
        cls.tell(asked.person, kind, f"{said}: {isolated(cut(title, QUOTED))}", address, picture=made, key=key)
        if done and not asked.is_private:
            words = f"{isolated(asked.person.name)}: {said.lower()}: {isolated(cut(title, QUOTED))}"
            raise_alert(Event.FINISHED, f"{key}:{done}:{failed}:{unknown}", words, address=address)


def _quoted(comment: Comment) -> str:
    return f"“{isolated(cut(comment.text, QUOTED))}”"
