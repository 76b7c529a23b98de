"""Submit what a program asks for: by the form of the dock, so that every door has the same rules, sentences and queue."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from studio import tasks
from studio.api import meant
from studio.api.door import Refused
from studio.forms.create.asked import clean_text
from studio.forms.create.compose import ComposeForm
from studio.luma.pricing import price
from studio.models import ApiToken, Approval, Submission, Webhook
from studio.models.account.rights import NeedsApproval, TooManyWaiting
from studio.models.account.token import OverCap
from studio.models.alerts.webhook import WebhookEvent, tell_approval
from studio.models.budget import OverBudget
from studio.models.not_placed import NotPlaced
from studio.models.requests.request_spec import RequestSpec
from studio.models.revision import Revision
from studio.text import combinations

LONGEST_KEY = 255  # characters
MANY_BLANKS = "There are more than the look has blanks. Send one for each, in their order."
LONG_KEY = f"Shorten the Idempotency-Key to {LONGEST_KEY} characters."
EMPTY_KEY = "The Idempotency-Key is empty. Give each request its own, or leave the header out."
MOST_APPROVALS = 50  # of one person that wait for an admin
MANY_APPROVALS = (
    f"{MOST_APPROVALS} requests of yours wait for an admin's approval. Wait until some are decided, or cancel some."
)
WAITS_ALREADY = "This request waits for an admin's approval, or was declined: see /api/v1/approvals. Nothing was sent."
OTHER_REQUEST = "This Idempotency-Key was used for another request. Nothing was sent: use a new key for a new request."
MANY_COMBINATIONS = "One call makes one kind of picture: choose one prompt and one ratio."
CREATE = "/"
# What a request says itself; the rest are pictures, looks and boards, which may be gone when it comes again.
SAID = ("prompt", "type", "model", "aspect_ratio", "style", "output_format", "layering_resolution", "count")


def submit(token: ApiToken, asked: Mapping[str, Any], *, key: str | None = None) -> tuple[Submission, bool]:
    """Store what is asked for once; return it and whether it is new. The same token's same `key` finds the first.

    `asked` has the fields of the dock; `references` and `blanks` are lists, `source` and `references` codes. Raises
    Refused: 422 with a sentence for each field, 402 over the token's cap, 403 for what needs an approval, 429 when too
    much of the person's waits.
    """
    try:
        made, is_new = _submit(token, asked, key=key)
    except NeedsApproval as needed:
        once = f"asked:{needed.token}"
        tell_approval(
            WebhookEvent.NEEDS_APPROVAL, token.person_id, once, needed.sentence, CREATE, {"api_token": token.pk}
        )
        raise Refused(403, "needs-approval", needed.sentence) from None
    if isinstance(made, Approval):
        raise Refused(403, "needs-approval", WAITS_ALREADY)
    return made, is_new


def ask(
    token: ApiToken, asked: Mapping[str, Any], *, key: str | None = None, webhook: Webhook | None = None
) -> tuple[Submission | Approval, bool]:
    """The same, but what needs an admin's approval is kept until one decides. Raises Refused.

    With `asks_over_budget` in `asked` that is also what a budget has no room for.
    """
    meant.check(asked)
    try:
        return _submit(token, asked, key=key, webhook=webhook, asks_over=bool(asked.get("asks_over_budget")))
    except NeedsApproval as needed:
        return _keep(token, needed)


def _submit(
    token: ApiToken,
    asked: Mapping[str, Any],
    *,
    key: str | None,
    webhook: Webhook | None = None,
    asks_over: bool = False,
) -> tuple[Submission | Approval, bool]:
    once = once_of(token, key)
    known = _known(token, once)
    form = _form(token, asked, once)
    if known and not form.is_valid():
        if _says_other(form, known):
            raise Refused(422, "key-used", OTHER_REQUEST)
        return known, False  # what it started from may be gone by now
    spec = replace(_spec(form, token), webhook=webhook)
    if known is None:
        known, is_new = place(token, once, spec, asks_over=asks_over)
        if is_new:
            return known, True
    if not (known.asks_for(spec) and _goes_where(known, spec)):
        raise Refused(422, "key-used", OTHER_REQUEST)
    return known, False


def _known(token: ApiToken, once: uuid.UUID) -> Submission | Approval | None:
    """What this key stands for already."""
    made = Submission.objects.filter(person=token.person, token=once).first()
    return made or Approval.objects.of(token.person).single().filter(token=once).first()


def _says_other(form: ComposeForm, known: Submission | Approval) -> bool:
    """Whether a request that can't be made (any more) asks for something else than the one that is known."""
    if isinstance(known, Approval):
        stored: Mapping[str, Any] = known.requests[0]
    else:
        stored = {name: getattr(known, name) for name in SAID} | {"count": known.count - known.redone}
    said = form.cleaned_data
    if "count" in form.errors or said.get("prompt", "") != stored["prompt"]:
        return True
    return any(said.get(name) and said[name] != stored[name] for name in SAID)


def _goes_where(known: Submission | Approval, spec: RequestSpec) -> bool:
    """Whether its pictures go to the board, and its news to the address, that this request names."""
    if isinstance(known, Approval):
        return True  # which compares them itself
    boards, hooks = (known.board_id, spec.board), (known.webhook_id, spec.webhook)
    return all(wanted is None or wanted.pk == kept for kept, wanted in (boards, hooks))


def _keep(token: ApiToken, needed: NeedsApproval) -> tuple[Approval, bool]:
    """Keep what an admin has to approve, as far as the token may spend that. Raises Refused."""
    spec, now = needed.specs[0], timezone.now()
    inputs = len(spec.all_references) + (spec.source is not None)
    try:
        with transaction.atomic():
            Revision.bump()
            token.reserve(price(spec.type, spec.model, inputs), spec.count, now=now)
            if Approval.objects.of(token.person).waiting().count() >= MOST_APPROVALS:
                raise Refused(429, "too-many-waiting", MANY_APPROVALS, headers={"Retry-After": "60"})
            return Approval.ask(needed, now=now)
    except OverCap as sorry:
        raise Refused(402, "over-cap", sorry.sentence) from None


def place(token: ApiToken, once: uuid.UUID, spec: RequestSpec, *, asks_over: bool = False) -> tuple[Submission, bool]:
    """Store it and wake the queue. Raises Refused, and NeedsApproval where an admin has to approve it."""
    try:
        made, is_new = Submission.place(token.person, once, spec, now=timezone.now(), asks_over=asks_over)
    except OverCap as sorry:
        raise Refused(402, "over-cap", sorry.sentence) from None
    except TooManyWaiting as full:
        raise Refused(429, "too-many-waiting", full.sentence, headers={"Retry-After": "30"}) from None
    except OverBudget as over:
        raise Refused(402, "over-budget", over.sentence) from None
    except NotPlaced as why:
        raise Refused(403, "not-allowed", why.sentence) from None
    if is_new:
        tasks.wake_conductor()
    return made, is_new


def once_of(token: ApiToken, key: str | None) -> uuid.UUID:
    """Return what stands for a client's key: two tokens of one person do not meet. Raises Refused (422).

    A key that is sent and empty is refused: whoever sends it believes to be safe.
    """
    if key is None:
        return uuid.uuid4()
    said = LONG_KEY if len(key) > LONGEST_KEY else "" if key.strip() else EMPTY_KEY
    if said:
        raise Refused(422, "invalid", said, {"Idempotency-Key": [said]})
    return uuid.uuid5(token.code, key)


def spec_of(token: ApiToken, asked: Mapping[str, Any]) -> RequestSpec:
    """Judge what is asked for. Raises Refused (422)."""
    return _spec(_form(token, asked, uuid.uuid4()), token)


def _form(token: ApiToken, asked: Mapping[str, Any], once: uuid.UUID) -> ComposeForm:
    fields: MultiValueDict[str, Any] = MultiValueDict()
    fields["token"] = str(once)
    # Braces are for people who look at a list before they press Make: here they are only text.
    fields["prompt"] = combinations.escaped(_text(asked.get("prompt")))
    for name in ("type", "model", "aspect_ratio", "style", "output_format", "layering_resolution", "look", "board"):
        fields[name] = _text(asked.get(name))
    for name in ("web_search", "is_private"):
        if asked.get(name):
            fields[name] = "on"
    if asked.get("count") is not None:
        fields["count"] = str(asked["count"])
    if asked.get("source"):
        fields["source"] = _text(asked["source"])
    for name, values in (("reference", asked.get("references")), ("blank", asked.get("blanks"))):
        fields.setlist(name, [_text(one) for one in _list(values)])
    return ComposeForm(fields, MultiValueDict(), person=token.person)


def _text(value: object) -> str:
    """Return what a database can hold of a text: JSON can bring halves of characters."""
    return clean_text(str(value or "").encode(errors="ignore").decode())


def _list(values: object) -> Sequence[Any]:
    return values if isinstance(values, (list, tuple)) else ()


def _spec(form: ComposeForm, token: ApiToken) -> RequestSpec:
    if not form.is_valid():
        names = {"reference": "references", "blank": "blanks", "__all__": "request"}
        fields = {names.get(name, name): [str(one) for one in found] for name, found in form.errors.items()}
        first = next(iter(fields.values()))[0]
        raise Refused(422, "invalid", first, fields)
    if form.many and form.many.is_list:
        raise Refused(422, "invalid", MANY_COMBINATIONS, {"prompt": [MANY_COMBINATIONS]})
    if form.cleaned_data["board"] and form.goes_to is None:
        sentence = "This board is gone, or closed to you. Leave it out, or choose another."
        raise Refused(422, "invalid", sentence, {"board": [sentence]})
    spec = form.spec()
    filled, blanks = len(form.cleaned_data.get("blank") or ()), len(spec.look.blanks) if spec.look else 0
    if filled > blanks:
        raise Refused(422, "invalid", MANY_BLANKS, {"blanks": [MANY_BLANKS]})
    return replace(spec, api_token=token)
