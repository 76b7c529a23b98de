"""Who somebody is by the word of another: a provider of OpenID Connect, or the team's own proxy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from studio.models.account.invite import Invite
from studio.models.account.session import end_sessions
from studio.models.account.token import ApiToken
from studio.models.people import User
from studio.models.revision import Revision
from studio.models.trail import TrailEntry
from studio.text import names

# The highest of the roles that somebody's groups give.
HIGHEST = (User.Role.ADMIN, User.Role.DESIGNER, User.Role.VIEWER)

NO_EMAIL = "{provider} doesn't say your email address, or hasn't verified it. Ask an admin of your team."
STRANGE_DOMAIN = "Addresses of {domain} can't sign in here. Ask an admin of your team."
NO_GROUP = "None of your groups at {provider} may use Studio. Ask an admin of your team."
NOT_INVITED = "Nobody has let {email} in yet. Ask an admin of your team for an invite."
NO_ACCESS = "An admin has taken your access to Studio away."
ANOTHER = "Somebody else at {provider} signs in here with {email}. Ask an admin of your team."


class NotAdmitted(Exception):
    """Why somebody who proved who they are does not come in, as a sentence for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a provider says of one person. `subject` names them there for ever, an address may go to somebody else."""

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    name: str = ""
    groups: frozenset[str] = frozenset()

    @property
    def verified_email(self) -> str:
        """The address, if the provider vouches for it; else ""."""
        try:
            validate_email(self.email)
        except ValidationError:
            return ""
        return self.email if self.is_verified and len(self.email) <= 254 else ""


def admit(identity: Identity, invite: Invite | None = None, *, now: datetime) -> User:
    """Return the person of an identity: known by it, by their verified address, or new where the settings let them in.

    Their role follows the groups, if those are mapped. With an open `invite` somebody new comes in although nothing else
    lets them, in its role where no groups are mapped; with that of the first run always as admin. Raises NotAdmitted.
    """
    _judge_domain(identity)
    role = _role(identity)
    with transaction.atomic():
        Revision.bump()  # before the rows of people, as every change of them
        # One sign-in after the other, so that two of one person make one person.
        list(User.objects.admins().select_for_update().order_by("pk").values_list("pk", flat=True))
        person = _known(identity) or _matched(identity, now) or _joined(identity, invite, role, now)
        if not person.is_active:
            raise NotAdmitted(NO_ACCESS)
        if role and person.role != role:
            _follow(person, role)
    return person


def _judge_domain(identity: Identity) -> None:
    if not settings.OIDC_DOMAINS:
        return
    if not identity.verified_email:
        raise NotAdmitted(NO_EMAIL.format(provider=settings.OIDC_NAME))
    domain = identity.verified_email.rpartition("@")[2]
    if domain not in settings.OIDC_DOMAINS:
        raise NotAdmitted(STRANGE_DOMAIN.format(domain=domain))


def _role(identity: Identity) -> str:
    """The role that the groups give, "" where none are mapped."""
    if not settings.OIDC_GROUPS:
        return ""
    given = {role for group, role in settings.OIDC_GROUPS.items() if group in identity.groups}
    for role in HIGHEST:
        if role in given:
            return role
    raise NotAdmitted(NO_GROUP.format(provider=settings.OIDC_NAME))


def _known(identity: Identity) -> User | None:
    account = (
        SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject).select_related("user").first()
    )
    found: User | None = account.user if account else None
    return found


def _matched(identity: Identity, now: datetime) -> User | None:
    """Return the person who has this verified address, and let nobody else into their account from here on.

    Whoever made the account may have given an address that was not theirs: what else opens it ends now.
    """
    email = identity.verified_email
    person = User.objects.select_for_update().filter(email__iexact=email).first() if email else None
    if person is None:
        return None
    if not person.is_active:
        raise NotAdmitted(NO_ACCESS)
    if SocialAccount.objects.filter(user=person, provider=identity.issuer).exists():
        raise NotAdmitted(ANOTHER.format(provider=settings.OIDC_NAME, email=email))
    person.set_unusable_password()
    person.save(update_fields=["password"])
    Authenticator.objects.filter(user=person).delete()
    for token in ApiToken.objects.filter(person=person, revoked_at=None):
        token.revoke(by=person, now=now)
    end_sessions(person.pk)
    _link(identity, person)
    text = f"Signs in through {settings.OIDC_NAME} from now on: password, passkeys, tokens and sessions of before ended"
    TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text=text)
    return person


def _joined(identity: Identity, invite: Invite | None, role: str, now: datetime) -> User:
    email = identity.verified_email
    if not email:
        raise NotAdmitted(NO_EMAIL.format(provider=settings.OIDC_NAME))
    if invite and (invite.is_for_password or not invite.use(now=now)):
        invite = None
    if not (invite or settings.OIDC_DOMAINS or settings.OIDC_GROUPS):
        raise NotAdmitted(NOT_INVITED.format(email=email))
    if invite:
        role = invite.role if invite.is_first else role or invite.role
    person = User.objects.create_user(
        _free_name(identity, email), email=email, role=role or User.Role.DESIGNER, joined_at=now
    )
    if invite:
        Invite.objects.filter(pk=invite.pk).update(used_by=person)
    _link(identity, person)
    text = f"As {person.get_role_display().lower()}, through {settings.OIDC_NAME}"
    TrailEntry.log(TrailEntry.Verb.JOINED, by=person, text=text)
    return person


def _free_name(identity: Identity, email: str) -> str:
    """A name like the one the provider says, or like the address; with a number where somebody has it."""
    for base in (identity.name[: names.LONGEST], email.partition("@")[0].replace(".", " ")[: names.LONGEST]):
        for ending in ("", *(f" {number}" for number in range(2, 20))):
            try:
                return User.objects.free_name(base[: names.LONGEST - len(ending)] + ending)
            except ValidationError:
                continue
    return User.objects.free_name(f"Person {hashlib.sha256(email.encode()).hexdigest()[:8]}")


def _link(identity: Identity, person: User) -> None:
    SocialAccount.objects.create(user=person, provider=identity.issuer, uid=identity.subject)


def _follow(person: User, role: str) -> None:
    """Give a person the role of their groups; the last admin stays one."""
    others = User.objects.admins().exclude(pk=person.pk)
    if person.is_admin and not others.exists():
        return
    before, person.role = person.get_role_display().lower(), role
    person.save(update_fields=["role"])
    text = f"role: {person.get_role_display().lower()} instead of {before}, by the groups at {settings.OIDC_NAME}"
    TrailEntry.log(
        TrailEntry.Verb.ROLE,
        by=None,
        name=settings.OIDC_NAME,
        thing=person.name,
        address=f"/people/{person.pk}/",
        text=text,
    )
