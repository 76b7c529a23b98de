"""Every address of the studio, and for each a real one of something that somebody made."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from studio.engine.archives.archives import make
from studio.forms.edits.keep import compared
from studio.models import (
    AlertChannel,
    ApiToken,
    Archive,
    Board,
    BoardPicture,
    Comment,
    DataExport,
    FormatSet,
    Invite,
    Job,
    LayersExport,
    Notification,
    Picture,
    ProofLink,
    SavedView,
    Split,
    TrailEntry,
    User,
    Webhook,
)
from studio.models.proof.link import ProofSpec
from tests import people
from tests.views.route_forms import FORMS, STATES

# Addresses of a picture that came of a source.
EDITS = {"keep", "comparison_map", "keep_preview"}


def routes(resolver: URLResolver, space: str = "studio:") -> Iterator[tuple[str, list[str]]]:
    """Every address that the studio answers, its back office included: its name and what it takes."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif entry.name or space == "studio:":
            # Without a name: what Django's admin answers for addresses that are none.
            yield f"{space}{entry.name}".removeprefix("studio:"), list(entry.pattern.regex.groupindex)


# What programs call with a token has a table of its own (tests/api/test_matrix.py).
ROUTES = {name: takes for name, takes in routes(get_resolver()) if not name.startswith(("api:", "luma:", "mcp"))}
OF_LAYERS = {
    "layers",
    "arrange_layers",
    "export_layers",
    "layers_export",
    "download_export",
    "layers_proof",
    "cut_out_layer",
}


def address_of(name: str, owner: User, admin: User) -> tuple[str, Job]:
    """One real address of a route, and the job that it is about."""
    state = STATES.get(name, "done")
    took = {"took": timedelta(minutes=6)} if state == "late" else {}
    of_layers = name in OF_LAYERS
    kind: dict[str, Any] = {"type": "layering", "source": people.make_picture(owner)} if of_layers else {}
    if name in EDITS:
        kind = {"type": "image_edit", "source": people.make_picture(owner)}
        for _ in range(60):
            people.image_bytes()  # so that the edit has another colour
    job = people.make_job(owner, state="making" if took else state, aspect_ratio="1:1", **took, **kind)
    export = an_export(job) if of_layers else None
    picture = job.pictures.first()
    lying = compared(picture, kind["source"]) if picture and name in EDITS else None
    _, token = Invite.issue(by=admin, role=User.Role.DESIGNER, now=timezone.now())
    attempt = job.attempts_made.first()
    noun = re.sub(r"admin:studio_|_.*", "", name)
    of_picture = {"picture", "download", "original", "rendition", "crop", "cut_out", "cut_out_layer", "formats", *EDITS}
    of_picture |= {"star", "rate", "decide", "tag_picture"}
    of_picture |= {"comments", "offer_people", "marks", "family", "filmstrip", "picture_uses"}
    of_picture |= {"picture_sheet", "archive_picture", "stack"}
    of_picture |= {"trash_picture", "delete_picture", "flag_picture"}
    code = picture.code if picture and name in of_picture else job.code
    if name in {"group", "keep_all", "cancel_unsent", "choose", "redo", "set_privacy"}:
        code = job.submission.code
    if export and name in {"layers_export", "download_export"}:
        code = export.code
    if name == "new_archive":
        FORMS[name] = {"picture": str(picture.code)} if picture else {}
    if name == "opinions_of_many":
        FORMS[name] = {"picture": str(picture.code), "act": "approved"} if picture else {}
    if name in OF_BOARD and picture:
        code, FORMS[name] = a_board(owner, picture, name), {**FORMS.get(name, {}), "picture": str(picture.code)}
    if name == "add_to_board" and picture:
        FORMS[name] = {"picture": str(picture.code), "name": "Harbour", "make": "on"}
    if name in {"archive", "download_archive"}:
        code = an_archive(owner, job, is_done=name == "download_archive").code
    if name == "data_export":
        code = DataExport.ask(owner, subject=owner, now=timezone.now())[0].code
    if name in {"edit_comment", "delete_comment", "resolve_comment"} and picture:
        code = Comment.objects.say(picture, "Mine", by=owner).code
    if name in {"change_webhook", "test_webhook", "show_webhook_key"}:
        code = Webhook.objects.create(person=owner, address="https://hooks.example/x").code
    if name == "revoke_token":
        code = ApiToken.objects.create(person=owner, name="Nightly", secret_hash="0" * 64).code
    if name == "open_notification":
        code = Notification.objects.create(person=owner, kind="change", text="x", address="/gallery/").code
    if name in {"change_channel", "test_channel", "show_signing_key", "remove_channel"}:
        hook = {"kind": "webhook", "address": "https://hooks.example/", "created_by": admin}
        code = AlertChannel.objects.create(name="Hook", events=["paused"], **hook).code
    if name in OF_APPROVAL:
        code = people.make_approval(owner).code
    look = people.make_look(owner, is_team=True, words="grain")
    money, entry = job.ledger.first(), TrailEntry.objects.get()
    rows = {"job": job, "attempt": attempt, "ledgerrow": money or owner, "trailentry": entry}
    kwargs: dict[str, Any] = {
        "code": look.code if name in {"look", "delete_look"} else a_view(owner).code if name == "remove_view" else code,
        "content": "together" if of_layers else lying.content[:12] if lying else picture.sha256[:12] if picture else "",
        "which": "numbers",
        "size": 256,
        "reason": "admin",
        "name": "slots",
        "field": "board",
        "month": f"{timezone.localdate():%Y-%m}",
        "pk": Invite.objects.get().pk if name == "revoke_invite" else owner.pk,
        **({"pk": a_set(owner).pk} if name == "remove_format_set" else {}),
        "token": token,
        "app_label": "studio",
        "content_type_id": 1,
        **({"pk": a_passkey(owner).pk} if name == "remove_passkey" else {}),
        "session": 1,
        "object_id": rows.get(noun, owner).pk,
    }
    if "proof" in name and picture and not of_layers:
        link, kwargs["token"] = ProofLink.make(owner, A_PROOF, pictures=[picture])
        kwargs["code"] = link.code if name == "revoke_proof" else picture.code
        FORMS["new_proof"] = {"picture": str(picture.code)}
    full = name if ":" in name else f"studio:{name}"
    return reverse(full, kwargs={key: kwargs[key] for key in ROUTES[name]}), job


A_PROOF = ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=7), downloads="web")


OF_APPROVAL = {"approval", "approve", "decline", "ask_about", "cancel_approval", "note_approval"}
OF_BOARD = {"board", "board_settings", "archive_board", "delete_board", "undo_removal"}
OF_BOARD |= {"board_sheet", "export_board"}
OF_BOARD |= {"move_on_board", "remove_from_board", "set_cover"}


def a_board(owner: User, picture: Picture, name: str) -> uuid.UUID:
    """Make a board of the team with a picture; return its code, or that of what was taken off it."""
    board, now = Board.make(owner, name="Harbour", now=timezone.now()), timezone.now()
    BoardPicture.add(board, [picture.pk], by=owner, now=now)
    if name != "undo_removal":
        return board.code
    removal = BoardPicture.remove(board, [picture.pk], by=owner, now=now)
    assert removal
    return removal.code


def a_set(owner: User) -> FormatSet:
    return FormatSet.objects.create(name="Campaign", person=owner, is_team=True, ratios=["1:1"])


def a_passkey(owner: User) -> Authenticator:
    return Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Laptop", "credential": {}})


def a_view(owner: User) -> SavedView:
    return SavedView.save_as(owner, name="Boats", query="q=boats", is_team=True)


def an_export(job: Job) -> LayersExport:
    """A file of the layers of a split that is compared with its source; its bytes are those of some picture."""
    split, file = Split.of(job), job.pictures.get().file
    split.average, split.together_file, split.compare_due_at = 0.5, file, None
    split.save()
    export, _ = LayersExport.ask(split, "zip", now=timezone.now())
    LayersExport.objects.filter(pk=export.pk).update(state="done", file=file)
    return export


def an_archive(owner: User, job: Job, *, is_done: bool) -> Archive:
    """A zip that its owner may start, or one that is made."""
    archive = Archive.choose(owner, list(job.pictures.values_list("pk", flat=True)), [])
    if is_done:
        archive.start(size="original", has_settings=True, has_list=False, now=timezone.now())
        make(archive.pk)
    return archive
