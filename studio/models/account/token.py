"""Tokens: how scripts and agents come in as a person, with some of the person's rights and a limit to what they spend."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.apps import apps
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from studio.models.alerts.delivery import signing_key
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.trail import TrailEntry
from studio.text.names import isolated

BEGINNING = "studio-"
SHOWN = len(BEGINNING) + 6  # characters of a token that are kept, to tell one from another
LONGEST_NAME = 80
MOST_LIVE = 50  # tokens of one person that work
# How exactly the last use is known: a row is not written for every request.
USED_AGAIN = timedelta(minutes=1)


class TokenRefused(Exception):
    """Why a token does not let anybody in: `reason` is "unknown", "revoked", "expired" or "access"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OverCap(NotPlaced):
    """A request costs more than its token may still spend."""


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self, now: datetime) -> ApiTokenQuerySet:
        """Those that work now."""
        lasting = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(lasting, revoked_at=None, person__is_active=True)

    def newest_first(self) -> ApiTokenQuerySet:
        return self.order_by("-created_at", "-pk")


class ApiToken(models.Model):
    """A secret of a person's that a program shows in place of a sign-in. Only its hash is kept.

    It never may more than its person may now, whatever its scopes say.
    """

    class Scope(models.TextChoices):
        READ = "read", "Read"
        MAKE = "make", "Make"
        DECIDE = "decide", "Decide"
        ADMIN = "admin", "Admin"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens", db_index=False)
    name = models.CharField(max_length=LONGEST_NAME)
    # How it begins, and the sha256 of all of it.
    beginning = models.CharField(max_length=20)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    # In dollars, of the calendar day and month in the studio's time zone; None: only what the person may spend.
    cap_per_day = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    cap_per_month = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.CharField(max_length=45, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="tokens_of_a_person"),
            models.Index(fields=["-created_at", "-id"], name="tokens_in_order"),
        ]

    def __str__(self) -> str:
        return f"{isolated(self.name)} ({self.beginning}…)"

    # ---- Making and revoking

    @classmethod
    def issue(
        cls,
        person: User,
        *,
        name: str,
        scopes: Iterable[str],
        now: datetime,
        expires_at: datetime | None = None,
        cap_per_day: Decimal | None = None,
        cap_per_month: Decimal | None = None,
        code: uuid.UUID | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token and return it with its secret, which is shown once and kept nowhere. Caps are in dollars."""
        secret = BEGINNING + secrets.token_urlsafe(32)
        with transaction.atomic():
            token = cls.objects.create(
                code=code or uuid.uuid4(),
                person=person,
                name=name,
                beginning=secret[:SHOWN],
                secret_hash=digest(secret),
                scopes=[one for one in cls.Scope.values if one in set(scopes)],
                created_at=now,
                expires_at=expires_at,
                cap_per_day=cap_per_day,
                cap_per_month=cap_per_month,
            )
            token._log(f"made it for {', '.join(token.scopes)}", by=person)
        return token, secret

    def revoke(self, *, by: User, now: datetime) -> bool:
        """End it at once; False where it had ended already."""
        with transaction.atomic():
            rows = ApiToken.objects.filter(pk=self.pk, revoked_at=None)
            if not rows.update(revoked_at=now, revoked_by=by):
                return False
            self._log("revoked it", by=by)
        return True

    @property
    def signing_key(self) -> str:
        """What receivers of its webhooks check signatures with."""
        return signing_key("api-token", self.code)

    # ---- Using

    @classmethod
    def of_secret(cls, secret: str, *, now: datetime) -> ApiToken:
        """Return the token of a secret, with its person. Raises TokenRefused for one that does not work (any more)."""
        return cls._working(digest(secret), now)

    def check_again(self, *, now: datetime) -> None:
        """Raise TokenRefused if it works no more since it was read: a call may have waited long."""
        self._working(self.secret_hash, now)

    @classmethod
    def _working(cls, secret_hash: str, now: datetime) -> ApiToken:
        found = cls.objects.select_related("person").filter(secret_hash=secret_hash).first()
        if found is None:
            raise TokenRefused("unknown")
        if found.revoked_at:
            raise TokenRefused("revoked")
        if found.expires_at and found.expires_at <= now:
            raise TokenRefused("expired")
        if not found.person.is_active:
            raise TokenRefused("access")
        return found

    def is_live(self, now: datetime) -> bool:
        is_over = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not is_over and self.person.is_active

    def may(self, scope: str) -> bool:
        """Whether it may do this now: it has the scope, and its person has the right."""
        if scope not in self.scopes:
            return False
        match scope:
            case self.Scope.MAKE:
                return self.person.can_make
            case self.Scope.DECIDE:
                return self.person.can_decide
            case self.Scope.ADMIN:
                return self.person.is_admin
        return True

    def note_use(self, address: str, *, now: datetime) -> None:
        """Remember when and from where it was used last; the trail gets a line once a day for each address."""
        address = address[:45]
        is_known = self.last_used_at is not None and self.last_used_at > now - USED_AGAIN
        if is_known and self.last_used_from == address:
            return
        with transaction.atomic():
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=now, last_used_from=address)
            self.last_used_at, self.last_used_from = now, address
            day = timezone.localdate(now)
            if TokenUse.objects.get_or_create(token=self, address=address, day=day)[1]:
                TokenUse.objects.filter(token=self, day__lt=day).delete()
                self._log(f"used from {address or 'an unknown address'}", by=self.person)

    # ---- Money

    def reserve(self, price: Decimal | None, count: int, *, now: datetime) -> None:
        """Make sure that so many pictures of this price, in dollars, fit under the caps; its row stays locked until the commit.

        Call it after Revision.bump(), in the transaction that stores them. Raises OverCap.
        """
        row = ApiToken.objects.select_for_update(of=("self",)).select_related("person").get(pk=self.pk)
        if not row.is_live(now):
            raise OverCap("This token does not work any more. Nothing was sent.")
        for cap, since, period in row.caps(now):
            if cap is None:
                continue
            if price is None:
                raise OverCap("Luma publishes no price for this, so a token with a spending cap can't ask for it.")
            spent = row.spent_since(since)
            if spent + price * count > cap:
                raise OverCap(
                    f"This would cost ${price * count}. The token may spend ${cap.normalize():f} a {period}, and "
                    f"${spent.normalize():f} of that is spent or reserved. Nothing was sent."
                )

    def caps(self, now: datetime) -> list[tuple[Decimal | None, datetime, str]]:
        """The two caps in dollars, each with the beginning of its time and what that is called."""
        day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return [(self.cap_per_day, day, "day"), (self.cap_per_month, day.replace(day=1), "month")]

    @property
    def caps_said(self) -> list[str]:
        """The caps as people read them: `$2.50 a day`."""
        caps = ((self.cap_per_day, "a day"), (self.cap_per_month, "a month"))
        return [f"{_dollars(cap)} {period}" for cap, period in caps if cap is not None]

    def spent_since(self, since: datetime) -> Decimal:
        """Dollars spent or reserved since then: what was cancelled or certainly cost nothing is given back.

        The caps bound how many rows it reads. What a person adds to a group of the token's on a page is not counted.
        """
        jobs = apps.get_model("studio", "Job").objects.filter(
            submission__api_token=self,
            submission__created_at__gte=since,
            number__lte=F("submission__count") - F("submission__redone"),
        )
        free = Q(state="cancelled") | Q(state="failed", charge__in=["none", "refunded"])
        total: Decimal | None = jobs.exclude(free).aggregate(total=Sum("price"))["total"]
        return (total or Decimal(0)).quantize(Decimal("0.0001"))

    def _log(self, text: str, *, by: User) -> None:
        whose = "" if by.pk == self.person_id else f" of {isolated(self.person.name)}"
        TrailEntry.log(TrailEntry.Verb.TOKEN, by=by, thing=f"{self}{whose}", text=text)


def _dollars(amount: Decimal) -> str:
    """Without cents where there are none, and with fractions of a cent where there are some."""
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        return f"${amount.normalize():f}"
    return f"${cents:,.0f}" if cents == cents.to_integral_value() else f"${cents:,}"


class TokenUse(models.Model):
    """That a token was used from an address on a day: what the trail has a line of."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="uses", db_index=False)
    address = models.CharField(max_length=45, blank=True)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "day", "address"], name="one_use_a_day_and_address")]

    def __str__(self) -> str:
        return f"{self.token_id} from {self.address} on {self.day}"
