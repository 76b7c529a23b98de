"""A split on its own page: its layers front to back, how far they match the original, and files of them.

The whole team looks and exports; who asked for the split and the admins arrange it, and that is kept for everybody.
Which layer is chosen or shown alone, and the ground behind them, belong to the address of the page.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from studio.embedding import Note
from studio.engine.pictures.layers import compare_later, export_later
from studio.forms.edits import layer_edits
from studio.forms.files.at_hand import Trouble
from studio.models import Job, LayersExport, Picture, Split, Submission, User
from studio.models.files.file_names import stem_of
from studio.models.pictures.layers import LONG_NAME, LONGEST_NAME, OPAQUE, Placed, plain_name
from studio.models.review import others_work
from studio.views.formatting import size as file_size
from studio.views.media import hand_out
from studio.views.permissions import makers_only
from studio.views.request import HtmxRequest, viewer

GROUNDS = ("check", "light", "dark")
FILES = (
    (LayersExport.Kind.PSD, "file-image", "Photoshop, Affinity, Photopea"),
    (LayersExport.Kind.ORA, "layers", "Krita, GIMP, MyPaint"),
    (LayersExport.Kind.ZIP, "file-archive", "A picture per layer, and a JSON with names and places"),
)
MEDIA_TYPES = {
    "psd": "image/vnd.adobe.photoshop",
    "ora": "image/openraster",
    "zip": "application/zip",
    "png": "image/png",
}
NOTHING_SHOWN = "All layers are hidden. Show one, or include the hidden layers."
PROOFS = ("together", "difference")
# Nobody compares any more after this; the page says so and stops asking.
COMPARED_WITHIN = timedelta(minutes=10)
LONGEST_POSITION = 6  # digits


@require_safe
def layers(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show a split; what is not made yet, or failed, has its story on the page of its job."""
    job = job_of(request, code)
    if job.state != Job.State.DONE:
        return redirect(job)
    if job.__dict__["trashed"]:
        return redirect(job.__dict__["trashed"])
    part = request.GET.get("part", "") if request.htmx else ""
    context = _context(request, split_of(job))
    if part == "versions" and (layer := context["chosen"]):
        row = {"layer": layer, "edits": layer_edits.versions([layer], viewer(request))[layer.position]}
        return render(request, "edits/versions.html#versions", context | row)
    return render(request, f"edits/layers.html{'#proof' if part == 'proof' else ''}", context)


@require_POST
@makers_only
def arrange_layers(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Change one thing of one layer: its name, opacity, place, what it shows or whether it is hidden; or show all."""
    split, person = split_of(job_of(request, code)), viewer(request)
    if not split.may_change(person):
        raise PermissionDenied
    try:
        said, trouble = _arrange(split, request), ""
        others_work.tell_arranged(split, by=person)
    except Trouble as problem:
        said = trouble = problem.sentence
    if not request.htmx and not trouble:
        query = {key: request.POST[key] for key in ("layer", "ground") if request.POST.get(key)}
        return redirect(f"{split.get_absolute_url()}?{urlencode(query)}")
    page = f"edits/layers.html{'#changed' if request.htmx else ''}"
    return render(request, page, _context(request, split) | {"said": said, "trouble": trouble})


@require_POST
def export_layers(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Have a file of the layers made as they are arranged now; `layer` names the one that a cut-out is made of."""
    split = split_of(job_of(request, code))
    kind = request.POST.get("kind", "")
    is_cut_out = kind in {LayersExport.Kind.TRIMMED, LayersExport.Kind.PLACED}
    layer = _layer(split, request.POST.get("layer")) if is_cut_out else None
    if kind not in LayersExport.Kind.values or (is_cut_out and layer is None):
        raise Http404
    with_hidden = "asked" not in request.POST or "hidden" in request.POST
    if not is_cut_out and not with_hidden and split.stack.hidden == len(split.stack.layers):
        if request.htmx:
            return render(request, "edits/export.html#state", {"sorry": NOTHING_SHOWN})
        messages.error(request, NOTHING_SHOWN)
        return redirect(split)
    export, is_new = LayersExport.ask(
        split, kind, now=timezone.now(), with_hidden=with_hidden, position=layer.position if layer else None
    )
    if is_new:
        export_later(export)
    return _show(request, split, export) if request.htmx else redirect(export)


@require_safe
def layers_export(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Say how far a file is, and hand its address over when it is there."""
    export = _export(request, code)
    return _show(request, export.split, export)


@require_safe
def download_export(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Hand a finished file over under a name that says what it is."""
    made = _export(request, code)
    if not made.is_ready:
        raise Http404
    return hand_out(request, made.digest, made.file, MEDIA_TYPES[made.ending], name=_file_name(made.split, made))


@require_safe
def layers_proof(request: HttpRequest, code: uuid.UUID, content: str) -> HttpResponseBase:
    """Show all layers together, or how far they are from the original, whose lines that shows."""
    split = split_of(job_of(request, code))
    if content not in (PROOFS[:1] if split.job.submission.has_hidden_source else PROOFS) or not split.is_compared:
        raise Http404
    file = split.together_file if content == "together" else split.difference_file
    note = Note(split.marked_as) if content == "together" else Note()
    return hand_out(request, f"{split.pk}-{file}", file, "image/webp", note=note)


# ---- What they share


def job_of(request: HttpRequest, code: uuid.UUID) -> Job:
    splits = Job.objects.visible_to(viewer(request)).filter(submission__type=Submission.Type.LAYERS)
    job = get_object_or_404(splits.for_cards(), code=code)
    job.submission.leave_out_hidden(viewer(request))
    return _seen(request, job)


def _seen(request: HttpRequest, job: Job) -> Job:
    """The job, unless its layers are in the trash and the person may not restore them; raises Http404."""
    front = Picture.objects.filter(job=job.pk, position=0, trashed_at__isnull=False).first()
    if front and (front.deleted_at or not front.may_trash(viewer(request))):
        raise Http404
    job.__dict__["trashed"] = front
    return job


def _export(request: HttpRequest, code: uuid.UUID) -> LayersExport:
    seen = LayersExport.objects.filter(split__job__in=Job.objects.visible_to(viewer(request)))
    export = get_object_or_404(seen.select_related("split__job__submission"), code=code)
    export.split.job.submission.leave_out_hidden(viewer(request))
    _seen(request, export.split.job)
    return export


def split_of(job: Job) -> Split:
    """The split of a job; raises Http404 while there is none."""
    if job.state != Job.State.DONE:
        raise Http404
    known = Split.objects.filter(job=job).first()
    split = known or Split.of(job)
    split.job = job
    if not known:
        compare_later(split)
    return split


def _context(request: HttpRequest, split: Split) -> dict[str, Any]:
    person, asked = viewer(request), request.POST if request.method == "POST" else request.GET
    shown = split.stack
    chosen = _layer(split, asked.get("layer")) or next(iter(shown.layers), None)
    due = split.compare_due_at
    edits = layer_edits.versions(shown.layers, person)
    sizes = LayersExport.sizes(split, [kind for kind, _, _ in FILES])
    return {
        "split": split,
        "job": split.job,
        "stack": shown,
        "rows": [(layer, edits[layer.position]) for layer in shown.layers],
        "chosen": chosen,
        "solo": _layer(split, asked.get("solo")),
        "ground": asked["ground"] if asked.get("ground") in GROUNDS else GROUNDS[0],
        "grounds": GROUNDS,
        "source": split.source,
        "may_change": split.may_change(person),
        "files": [(*one, _size_words(*sizes[one[0]])) for one in FILES],
        "comparing": not split.is_compared and due is not None and due > timezone.now() - COMPARED_WITHIN,
    }


def _layer(split: Split, position: str | None) -> Placed | None:
    is_number = position and position.isascii() and position.isdigit() and len(position) < LONGEST_POSITION
    return split.stack.layer(int(position)) if position and is_number else None


def _arrange(split: Split, request: HttpRequest) -> str:
    """Do what the form asks and say what came of it, for who does not see it."""
    person, asked = viewer(request), request.POST
    if "show_all" in asked:
        split.show_all(by=person)
        return "All layers are shown"
    layer = _layer(split, asked.get("layer"))
    if layer is None:
        raise Http404
    position = layer.position
    if "name" in asked:
        if len(name := plain_name(asked["name"])) > LONGEST_NAME:
            raise Trouble(LONG_NAME, 422)
        split.rename(position, name, by=person)
        return f"Renamed to {layer_at(split, position).label}"
    if "content" in asked:
        return _put(split, layer, asked["content"], person)
    if "opacity" in asked:
        split.fade(position, _number(asked["opacity"], OPAQUE), by=person)
        return f"{layer.label}, {layer_at(split, position).opacity} %"
    if "hidden" in asked:
        split.hide(position, asked["hidden"] == "on", by=person)
        return f"{layer.label} {'hidden' if asked['hidden'] == 'on' else 'shown'}"
    if "to" in asked or "by" in asked:
        here = split.stack.layers.index(layer)
        to = _number(asked["to"], here) if "to" in asked else here + _number(asked["by"], 0)
        split.move(position, to, by=person)
        place = split.stack.layers.index(layer_at(split, position)) + 1
        return f"{layer.label}, {place} of {len(split.stack.layers)}"
    raise Http404


def _put(split: Split, layer: Placed, wanted: str, person: User) -> str:
    """Put an edit of a layer in its place, or "own": the layer as Luma made it. Raises `Trouble`."""
    edits = layer_edits.versions([layer], person)[layer.position].edits
    edit = next((one for one in edits if str(one.code) == wanted), None)
    if wanted != "own" and edit is None:
        raise Http404
    content = layer_edits.content(layer, edit, person, timezone.now()) if edit else None
    if split.put(layer.position, content, by=person):
        compare_later(split)
    return f"{layer.label} shows edit {edits.index(edit) + 1}" if edit else f"{layer.label} is as Luma made it"


def _size_words(size: int, is_exact: bool) -> str:
    """Say how large a file is; a guess with two digits, because no more of it is known."""
    if is_exact:
        return file_size(size)
    digits = max(0, len(str(size)) - 2)
    return f"about {file_size(round(size, -digits))}"


def layer_at(split: Split, position: int) -> Placed:
    layer = split.stack.layer(position)
    if layer is None:
        raise Http404
    return layer


def _number(text: str, otherwise: int) -> int:
    try:
        return int(text[:6])
    except ValueError:
        return otherwise


def _show(request: HtmxRequest, split: Split, export: LayersExport) -> HttpResponse:
    context = {
        "split": split,
        "job": split.job,
        "export": export,
        "waits": export.is_under_way(timezone.now()),
        "with_hidden": any(layer["hidden"] for layer in export.plan["layers"]),
        **_cut_out_of(split, export),
    }
    return render(request, "edits/export.html#state" if request.htmx else "edits/export.html", context)


def _cut_out_of(split: Split, export: LayersExport) -> dict[str, Any]:
    """The layer that a cut-out is made of, and its position."""
    if export.ending != "png":
        return {}
    [layer] = export.plan["layers"]
    return {
        "layer": layer,
        "layer_position": next((p.position for p in split.stack.layers if p.picture.pk == layer["picture"]), ""),
    }


def _file_name(split: Split, export: LayersExport) -> str:
    """Name a file: studio-harbour-at-dusk-layers-1f0c9a2b.psd."""
    source = split.source
    words = export.plan["layers"][0]["name"] if export.ending == "png" else source.title if source else ""
    what = "cut-out" if export.ending == "png" else "layers"
    return f"studio-{stem_of(words)}-{what}-{split.job.code.hex[:8]}.{export.ending}"
