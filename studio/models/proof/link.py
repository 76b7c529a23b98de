"""Links that show pictures to a client without an account."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from studio.models.account.invite import digest
from studio.models.board import Board
from studio.models.people import User
from studio.models.picture import Picture, load_sizes
from studio.models.proof.pictures import LOADED, MOST_PICTURES, OF_LINK, ON_BOARD
from studio.models.sql.compiled_query import TEXT, CompiledQuery
from studio.models.sql.loading import QuickLoad
from studio.text import names

# What is seen is written down no more often than this.
SEEN_EVERY = timedelta(minutes=1)


class Place(NamedTuple):
    """A picture of a link, as far as finding it needs. `number` is what the client calls it."""

    number: int
    pk: int
    code: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSpec:
    """What a person chooses for a link, checked by its form."""

    title: str
    expires_at: datetime
    client: str = ""
    note: str = ""
    # As it was typed; "" for none.
    password: str = ""
    watermark: str = ""
    downloads: str = "off"
    may_comment: bool = True
    may_decide: bool = True
    shows_prompts: bool = False
    shows_prices: bool = False
    # Of the form: the same form sent twice makes one link.
    code: uuid.UUID | None = None


class ProofLinkQuerySet(models.QuerySet["ProofLink"]):
    def visible_to(self, person: User) -> ProofLinkQuerySet:
        """A person's own; an admin sees everybody's."""
        return self if person.is_admin else self.filter(person.owned())

    def of_token(self, token: str) -> ProofLink | None:
        """Return the link of a token, open or ended."""
        return _OF_TOKEN.first(digest(token))  # type: ignore[no-any-return]

    def by_token(self, token: str, now: datetime) -> ProofLink | None:
        """Return the open link of a token."""
        found = self.of_token(token)
        return found if found and found.is_open(now) else None

    def open_of(self, boards: Sequence[int], now: datetime) -> ProofLinkQuerySet:
        """The open ones of these boards, by their keys."""
        return self.filter(board__in=boards, revoked_at__isnull=True, expires_at__gt=now, person__is_active=True)

    def shown_on(self, board: Board, person: User, now: datetime) -> list[ProofLink]:
        """The open ones of a board that the person may revoke, the newest first."""
        found = self.visible_to(person).open_of([board.pk], now).select_related("person__handed_to", "board")
        return [link for link in found.newest_first() if link.is_open(now)]

    def newest_first(self) -> ProofLinkQuerySet:
        return self.order_by("-pk")

    def older_than(self, pk: int) -> ProofLinkQuerySet:
        """Keyset paging of the newest-first order."""
        return self.filter(pk__lt=pk)


class ProofLink(models.Model):
    """A link that shows pictures, or a board, to a client without an account. Only the hash of its token is kept.

    It is open until it expires, is revoked, or its maker loses access to the studio or to its board.
    """

    class Downloads(models.TextChoices):
        OFF = "off", "Off"
        WEB = "web", "Web size"
        ORIGINAL = "original", "Original"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proof_links", db_index=False
    )
    # Of a board: what lies on it when it is opened. Without one: its own `pictures`.
    board = models.ForeignKey(Board, on_delete=models.CASCADE, null=True, related_name="proof_links")
    title = models.CharField(max_length=80)
    client = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    # As Django keeps passwords; "" for none.
    password = models.CharField(max_length=128, blank=True)
    watermark = models.CharField(max_length=60, blank=True)
    downloads = models.CharField(max_length=10, choices=Downloads.choices, default=Downloads.OFF)
    may_comment = models.BooleanField(default=True)
    may_decide = models.BooleanField(default=True)
    shows_prompts = models.BooleanField(default=False)
    shows_prices = models.BooleanField(default=False)
    # How many pictures were chosen; of a board, how many lay on it when the link was made.
    number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    opens = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)

    objects = ProofLinkQuerySet.as_manager()

    class Meta:
        # The links of a person, newest first, and their pages.
        indexes = [models.Index(fields=["person", "-id"], name="proof_links_of_a_person")]

    def __str__(self) -> str:
        return self.title

    def is_open(self, now: datetime) -> bool:
        """Whether a client may still look, decide and comment."""
        maker = self.person.keeper
        is_there = self.board is None or self.board.is_seen_by(maker)
        return self.revoked_at is None and self.expires_at > now and maker.is_active and is_there

    @property
    def downloads_now(self) -> str:
        """What may be downloaded: never the original under a watermark, whatever the row says."""
        if self.watermark and self.downloads == self.Downloads.ORIGINAL:
            return self.Downloads.WEB
        return self.downloads

    # ---- Verbs

    @classmethod
    def make(
        cls, person: User, spec: ProofSpec, *, pictures: Sequence[Picture] = (), board: Board | None = None
    ) -> tuple[ProofLink, str]:
        """Make a link to pictures in their order, or to a board; return it with its token, which is kept nowhere.

        Raises ValueError without a picture or with more than MOST_PICTURES, IntegrityError when the link of this form
        (`spec.code`) was made already.
        """
        if board is None and not 1 <= len(pictures) <= MOST_PICTURES:
            raise ValueError(f"{len(pictures)} pictures")
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            link = cls.objects.create(
                code=spec.code or uuid.uuid4(),
                token_hash=digest(token),
                person=person,
                board=board,
                title=spec.title,
                client=spec.client,
                note=spec.note,
                password=make_password(names.one_spelling(spec.password)) if spec.password else "",
                watermark=spec.watermark,
                downloads=spec.downloads,
                may_comment=spec.may_comment,
                may_decide=spec.may_decide,
                shows_prompts=spec.shows_prompts,
                shows_prices=spec.shows_prices,
                number=board.number if board else len(pictures),
                expires_at=spec.expires_at,
            )
            places = [ProofPicture(link=link, picture=one, position=n) for n, one in enumerate(pictures, 1)]
            ProofPicture.objects.bulk_create(places if board is None else [])
        return link, token

    def revoke(self, person: User, *, now: datetime) -> bool:
        """End it at once; False when it had been revoked already. A colleague's link says so to who made it."""
        with transaction.atomic():
            changes: dict[str, Any] = {"revoked_at": now, "revoked_by": person}
            if not ProofLink.objects.filter(pk=self.pk, revoked_at=None).update(**changes):
                return False
            self.revoked_at, self.revoked_by = now, person
        return True

    def knows(self, password: str) -> bool:
        """Whether this is its password."""
        return check_password(names.one_spelling(password), self.password)

    def see(self, now: datetime, *, opened: bool) -> None:
        """Write down that a client looked; `opened`: they came anew."""
        if opened:
            ProofLink.objects.filter(pk=self.pk).update(opens=F("opens") + 1, last_seen_at=now)
            return
        long_ago = Q(last_seen_at=None) | Q(last_seen_at__lt=now - SEEN_EVERY)
        ProofLink.objects.filter(long_ago, pk=self.pk).update(last_seen_at=now)

    @staticmethod
    def hidden(links: Sequence[ProofLink], person: User) -> set[int]:
        """The keys of those of a board or of others' pictures that the person may not see: nothing of them is named.

        A link to pictures keeps the name that its own maker gave it.
        """
        closed = {one.pk for one in links if one.board and not one.board.is_seen_by(person)}
        others = [one for one in links if not person.owns(one.person_id)]
        return closed | ProofPicture.private_links(others, person)

    # ---- Its pictures

    @cached_property
    def places(self) -> list[Place]:
        """Its pictures in order, as far as they may be shown now: at most MOST_PICTURES."""
        return [Place(number, pk, code) for number, (pk, code) in enumerate(self._rows(), 1)]

    def pictures(self) -> list[Picture]:
        """Its pictures in order."""
        return self.load(self.places)

    def load(self, places: Sequence[Place]) -> list[Picture]:
        """Return the pictures of these places in their order, with what their pages show."""
        found = LOADED([place.pk for place in places]) if places else []
        load_sizes(found)
        by_key = {picture.pk: picture for picture in found}
        return [by_key[place.pk] for place in places if place.pk in by_key]

    def _rows(self) -> list[tuple[int, uuid.UUID]]:
        """What the maker may still see and nobody threw away. Of private ones only what the maker chose themselves."""
        maker = self.person.keeper
        if self.board is None:
            return OF_LINK(maker, self.pk)
        return ON_BOARD[Board.Order(self.board.order)](maker, self.board.pk)


_OF_TOKEN: CompiledQuery[ProofLink] = CompiledQuery(
    lambda token: ProofLink.objects.select_related("person", "board").filter(token_hash=token)[:1], TEXT
)


class ProofPicture(models.Model):
    """A picture of a proof link, at its place."""

    link = models.ForeignKey(ProofLink, on_delete=models.CASCADE, related_name="proof_pictures", db_index=False)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="proof_places")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "position"], name="one_picture_for_each_proof_place")]

    def __str__(self) -> str:
        return f"{self.picture_id} of {self.link_id}"

    @classmethod
    def private_links(cls, links: Iterable[ProofLink], person: User | None = None) -> set[int]:
        """The keys of those links that show a private picture; with `person` only those of other people."""
        found = cls.objects.filter(link__in=[one.pk for one in links], picture__is_private=True)
        if person:
            found = found.exclude(person.owned("picture__person"))
        return set(found.values_list("link", flat=True))


class ProofClient(QuickLoad):
    """Somebody who opened a proof link and gave a name, in one browser."""

    link = models.ForeignKey(ProofLink, on_delete=models.CASCADE, related_name="clients")
    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        return names.initials(self.name)
