"""Luma's own wire format (luma-api.md): the official SDKs work with a token of ours as key and our address as base URL.

Behind it are our queue, budgets and gallery. A generation's id is the code of its job.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from studio.api import door, luma_files, making, plain, tries
from studio.api.luma_words import Said, in_their_words
from studio.codes import read_code
from studio.luma import ratios
from studio.luma.capabilities import KINDS, MAX_REFERENCES, models
from studio.models import ApiToken, Job, Picture, Submission
from studio.models.pictures.layers import LEFT_OUT

THEIR_TYPES = {*KINDS, "video", "video_edit", "video_reframe"}
LONGEST_PROMPT = 6_000
# Nine pictures of 50 MB would be more than a small machine should read: some of 4 MB, as Luma advises, fit well.
MOST_BYTES = 64 * 1024 * 1024
FIELDS = {"prompt", "model", "type", "aspect_ratio", "style", "output_format", "web_search", "image_ref", "source"}
FIELDS |= {"layering", "user_id", "video"}
SOURCES = ("url", "data", "generation_id", "file_id")
CODES = {
    *("content_moderated", "generation_failed", "output_not_found", "budget_exhausted", "image_too_large"),
    *("unsupported_format", "corrupt_input", "invalid_request", "rate_limited"),
}
NOT_FOUND = "Generation not found"
NO_FETCHING = "Image URL ingestion unavailable"


@in_their_words
def generations(request: HttpRequest) -> HttpResponse:
    """POST: take a request, once, and answer with its state."""
    if request.method != "POST":
        raise Said(405, "Method Not Allowed", {"Allow": "POST"})
    token = door.identify(request)
    door.demand(token, "make")
    try:
        asked = plain.read_json(request, MOST_BYTES)
    except plain.TooBig:
        raise Said(413, "Image exceeds 50 MB size limit") from None
    except plain.NotRead:
        raise Said(422, "The body is not a JSON object") from None
    fields = fields_of(asked, token)
    key = request.headers.get("Idempotency-Key")
    spec = making.spec_of(token, fields)
    # Their SDK sends a POST again after a lost connection, without a key; it says so, and is never paid for twice.
    made = tries.first_of(token, spec) if is_retry(request) and key is None else None
    if made is None:
        with tries.refusals_noted(token, spec):
            made, _ = making.submit(token, fields, key=key)
    return JsonResponse(generation(_job_of(made), request), status=201)


@in_their_words
def generation_by_id(request: HttpRequest, id: str) -> HttpResponse:
    """GET: the state of a generation, with fresh links."""
    if request.method not in {"GET", "HEAD"}:
        raise Said(405, "Method Not Allowed", {"Allow": "GET"})
    token = door.identify(request)
    person = door.demand(token, "read")
    request.rate_headers = {}  # type: ignore[attr-defined]
    code = read_code(id)
    found = Job.objects.visible_to(person).select_related("submission").filter(code=code).first() if code else None
    if found is None:
        raise Said(404, NOT_FOUND)
    return JsonResponse(generation(found, request))


def is_retry(request: HttpRequest) -> bool:
    """Whether a client of theirs says that it sends this once more."""
    return request.headers.get("X-Stainless-Retry-Count", "0") not in {"", "0"}


def _job_of(made: Submission) -> Job:
    return Job.objects.select_related("submission").filter(submission=made).order_by("number")[0]


# ---- What they ask


def fields_of(asked: Mapping[str, Any], token: ApiToken) -> dict[str, Any]:
    """Return what a body asks for in the words of the dock. Raises Said."""
    if strange := sorted(set(asked) - FIELDS):
        raise Said(400, f"Unknown field: {strange[0][:100]}")
    for name in ("prompt", "model", "type", "aspect_ratio", "style", "output_format", "user_id"):
        if not isinstance(asked.get(name), str | None):
            raise Said(422, f"{name} must be a string")
    if not isinstance(asked.get("web_search"), bool | None):
        raise Said(400, "web_search must be a boolean")
    model, type = asked.get("model") or "uni-1", asked.get("type") or "image"
    if model not in models():
        raise Said(400, f"Unknown model: {str(model)[:100]}")
    if type not in THEIR_TYPES:
        raise Said(400, f"Unknown type: {str(type)[:100]}")
    if type not in KINDS or model not in KINDS[type].models:
        raise Said(400, f"Type '{type}' is not supported for model '{model}'")
    ratio = asked.get("aspect_ratio") or ""
    if ratio and ratio not in ratios.slugs():
        # Luma's order: by the letters of the first number.
        valid = ", ".join(sorted(ratios.slugs(), key=lambda slug: slug.split(":")))
        raise Said(400, f"Invalid aspect_ratio '{str(ratio)[:100]}'. Valid: {valid}")
    prompt = asked.get("prompt") or ""
    if len(prompt) > LONGEST_PROMPT or not (prompt or type == "layering"):
        raise Said(400, "Prompt must be between 1 and 6000 characters")
    source, references = _inputs(asked, type, token)
    layering = {} if asked.get("layering") is None else asked["layering"]
    if not isinstance(layering, dict):
        raise Said(400, "layering must be an object")
    if "layering" in asked and asked["layering"] is not None and type != "layering":
        raise Said(400, "layering is only valid for type 'layering'")
    return {
        "type": type,
        "model": model,
        "prompt": prompt,
        "aspect_ratio": ratio if type == "image" else "",
        **{name: asked.get(name) for name in ("output_format", "web_search")},
        "style": asked.get("style") or "auto",
        "layering_resolution": layering.get("resolution"),
        "count": 1,
        "source": str(source.code) if source else None,
        "references": [str(one.code) for one in references],
    }


def _inputs(asked: Mapping[str, Any], type: str, token: ApiToken) -> tuple[Picture | None, list[Picture]]:
    source, references = asked.get("source"), asked.get("image_ref") or []
    if source and type == "image":
        raise Said(400, "source is only valid for type 'image_edit'")
    if not source and type != "image":
        raise Said(400, f"source is required for type '{type}'")
    if not isinstance(references, list):
        raise Said(400, "image_ref must be a list")
    most = MAX_REFERENCES - bool(source)
    if len(references) > most:
        spare = " (source occupies one slot)" if source else ""
        raise Said(400, f"{type} supports up to {most} reference images{spare}")
    found = _picture(source, "source", token) if source else None
    return found, [_picture(one, f"image_ref[{place}]", token) for place, one in enumerate(references)]


def _picture(ref: Any, place: str, token: ApiToken) -> Picture:
    """Return the picture that an ImageRef means; what it holds itself is stored. Raises Said."""
    given = [name for name in SOURCES if isinstance(ref, dict) and ref.get(name)]
    if len(given) != 1:
        raise Said(400, f"{place}: provide either 'url' or 'data', not {'both' if given else 'neither'}")
    value = ref[given[0]]
    if not isinstance(value, str):
        raise Said(400, f"{place}: '{given[0]}' must be a string")
    if given[0] == "url":
        # Studio fetches nothing for strangers: bytes come with the request.
        raise Said(503, NO_FETCHING)
    if given[0] == "data":
        if not ref.get("media_type"):
            raise Said(400, f"{place}: 'media_type' is required with 'data'")
        return _stored(value, place, token)
    return _known(value, given[0], place, token)


def _stored(data: str, place: str, token: ApiToken) -> Picture:
    try:
        return plain.keep_base64(data, token.person, f"{place}.png")
    except plain.BadBase64:
        raise Said(422, f"{place}: invalid base64 data") from None
    except plain.NotTaken as why:
        if why.is_busy:
            raise Said(503, f"{place}: {why.sentence}", {"Retry-After": "2"}) from None
        raise Said(413 if "limit" in why.sentence else 422, f"{place}: {why.sentence}") from None


def _known(value: str, kind: str, place: str, token: ApiToken) -> Picture:
    code = read_code(value)
    if code is None:
        raise Said(400, f"{place}: {kind} not found")
    seen = Picture.objects.visible_to(token.person)
    if kind == "file_id":
        # Of the Files API, or the code of any picture that the person sees.
        found = luma_files.usable(code, place, token) or seen.filter(code=code).first()
    else:
        found = seen.filter(job__code=code).order_by("position", "pk").first()
    if found is None:
        raise Said(400, f"{place}: {kind} not found")
    return found


# ---- What they are told


def generation(job: Job, request: HttpRequest) -> dict[str, Any]:
    """A job in their words; its submission is loaded."""
    state, code = state_of(job), ""
    if state == "failed":
        code = job.failure_code if job.failure_code in CODES else "generation_failed"
        code = "invalid_request" if job.state == Job.State.CANCELLED else code
    pictures = job.pictures.of_luma().filter(trashed_at__isnull=True).order_by("position", "pk")
    is_split = job.submission.type == Submission.Type.LAYERS
    return {
        "id": str(job.code),
        "type": job.submission.type,
        "state": state,
        "model": job.submission.model,
        "created_at": job.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "output": [
            {
                "type": "image",
                "url": plain.link_to(one, request),
                **({"layer": _layer(one)} if is_split else {}),
            }
            for one in (pictures if state == "completed" else ())
        ],
        "failure_reason": _reason(job) if state == "failed" else None,
        "failure_code": code or None,
    }


def state_of(job: Job) -> str:
    """One of their four states. An unknown outcome is not over for a client, who would pay for it again, until a person
    has settled it."""
    if job.state in {Job.State.WAITING, Job.State.SENDING}:
        return "queued"
    if job.state == Job.State.DONE:
        return "completed"
    if job.state in {Job.State.FAILED, Job.State.CANCELLED} or job.settled_at:
        return "failed"
    return "processing"


def _layer(one: Picture) -> dict[str, object]:
    """What Luma says of a layer, and its place."""
    return {"index": one.position} | {name: said for name, said in (one.layer or {}).items() if name != LEFT_OUT}


def _reason(job: Job) -> str:
    if job.state == Job.State.CANCELLED:
        return "Cancelled in Studio before it was sent."
    return job.sentence or "Generation failed"
