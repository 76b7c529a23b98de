"""What the compose dock sends: judged field by field, and nothing of it lost when something is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from studio.forms.dock import Dock
from studio.forms.fields import GONE, Codes, Files
from studio.forms.rules import complaints
from studio.forms.uploads import Refusal, refuse_again, shown_name, store_upload
from studio.luma.capabilities import KINDS, MAX_REFERENCES, MODELS, RATIOS, STYLE_RATIOS
from studio.models import Job, Picture, RemoteFile, Submission, User
from studio.models.remote_file import refused_sentence
from studio.models.submission import CHOICES, MOST_AT_ONCE, RequestSpec, TooManyWaiting

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

RATIO_NAMES = tuple(ratio.slug for ratio in RATIOS)
FORMATS = ("png", "jpeg")
RESOLUTIONS = ("1k", "2k")
# What a person finds who has not made anything yet.
FIRST = {"type": "image", "model": "uni-1", "aspect_ratio": "3:2", "style": "auto", "count": 1}
_ONE_SOURCE = "Only one source can be used, so it was left out."
_TRAY_FULL = "The tray is full, so it was left out."
_OUT_OF_DATE = "This form was out of date and has been renewed. Press Make again."
# Among so many of a person's latest submissions the last settings are looked for; the history may be all edits.
RECENT = 60
_KEPT_CONTROLS = {"\n", "\t"}


class ComposeForm(forms.Form):
    """A request as the dock sends it. `dock` is what the page shows, bound or not.

    Files that arrive with the form (a page without script) are stored while it is judged, and then stand in the tray
    like any other picture, whatever else is wrong.
    """

    token = forms.UUIDField(error_messages={"required": _OUT_OF_DATE, "invalid": _OUT_OF_DATE})
    type = forms.ChoiceField(
        choices=Submission.Type.choices,
        required=False,
        error_messages={"invalid_choice": "Choose Generate, Edit or Layers."},
    )
    prompt = forms.CharField(required=False)
    model = forms.ChoiceField(
        choices=[(name, name) for name in MODELS],
        required=False,
        error_messages={"invalid_choice": f"Luma draws with {' or '.join(MODELS)}; choose one of them."},
    )
    aspect_ratio = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name) for name in RATIO_NAMES)],
        required=False,
        error_messages={"invalid_choice": f"Luma makes these ratios: {', '.join(RATIO_NAMES)}."},
    )
    style = forms.ChoiceField(
        choices=[(name, name.capitalize()) for name in STYLE_RATIOS],
        required=False,
        error_messages={"invalid_choice": "Choose the style Auto or Manga."},
    )
    output_format = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name.upper()) for name in FORMATS)],
        required=False,
        error_messages={"invalid_choice": "Choose the format PNG or JPEG, or leave it to Luma."},
    )
    web_search = forms.BooleanField(required=False)
    layering_resolution = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name) for name in RESOLUTIONS)],
        required=False,
        error_messages={"invalid_choice": "Choose 1k or 2k for the layers, or leave it to Luma."},
    )
    count = forms.IntegerField(required=False, error_messages={"invalid": f"Choose 1 to {MOST_AT_ONCE} pictures."})
    source = Codes(required=False)
    reference = Codes(required=False)
    remove = Codes(required=False)
    source_file = Files(required=False)
    reference_files = Files(required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        person: User,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """`initial` names fields; its `source` is a Picture and its `reference` a list of them."""
        super().__init__(data, files, initial={**FIRST, "token": uuid.uuid4(), **(initial or {})})
        self.person = person
        self.source_picture: Picture | None = self.initial.get("source")
        self.reference_pictures: list[Picture] = list(self.initial.get("reference") or [])
        # What arrived with the form and was changed on the way in.
        self.changed: list[Picture] = []
        # Whether the page's kept draft is put back: "all", "merge" (what is asked for comes on top) or "off".
        self.draft = "off" if self.is_bound else "all"
        self._spec: RequestSpec | None = None

    @classmethod
    def from_query(cls, request: HttpRequest) -> ComposeForm:
        """Fill the dock as a link asks: ?source=&reference= (pictures), like= (a submission), edit= (a job),
        prompt=, ratio=. What cannot be found is left out; the rest are the person's last settings."""
        person = request.user
        if not isinstance(person, User):
            raise TypeError("the dock belongs to somebody who is signed in")
        asked = request.GET
        initial = _last_settings(person)
        model = _submission_of(asked.get("like"), asked.get("edit"))
        if model:
            initial = _settings_of(model)
            if asked.get("like"):
                initial["count"] = 1  # another, not as many again
        if asked.get("ratio") in RATIO_NAMES:
            initial["aspect_ratio"] = asked["ratio"]
        if asked.get("prompt"):
            initial["prompt"] = _clean_text(asked["prompt"])
        added = _find([*asked.getlist("source")[:1], *asked.getlist("reference")[:MAX_REFERENCES]], person)
        source = next((added[code] for code in asked.getlist("source")[:1] if code in added), None)
        if source:
            initial.update(source=source, type="image_edit", aspect_ratio="")
        wanted = [added[code] for code in asked.getlist("reference") if code in added]
        together = dict.fromkeys([*initial.get("reference", []), *wanted])
        initial["reference"] = [picture for picture in together if picture != initial.get("source")]
        form = cls(person=person, initial=initial)
        form.draft = "off" if model or asked.get("prompt") else "merge" if added else "all"
        return form

    @property
    def dock(self) -> Dock:
        return Dock(
            self,
            person=self.person,
            source=self.source_picture,
            references=self.reference_pictures,
            changed=self.changed,
            draft=self.draft,
        )

    def spec(self) -> RequestSpec:
        """Return what is asked for. Raises ValueError when the form is not valid."""
        if not self.is_valid() or self._spec is None:
            raise ValueError("a form that is not valid has no spec")
        return self._spec

    def place(self, now: datetime | None = None) -> tuple[Submission, bool]:
        """Store the submission and its jobs; return the submission and whether it is new. The same token stores once.

        Raises TooManyWaiting, which the errors of the form then tell as well.
        """
        spec = self.spec()
        try:
            return Submission.place(self.person, self.cleaned_data["token"], spec, now=now or timezone.now())
        except TooManyWaiting as full:
            self.add_error(None, _line_full(full))
            raise

    # ---- Judging

    def clean_prompt(self) -> str:
        return _clean_text(self.cleaned_data["prompt"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        self._fill_tray(data)
        self._take_files(data)
        if "type" in data and not (set(self.errors) - {"source", "reference", "token"}):
            self._spec = self._make_spec(data)
            for field, sentence in complaints(self._spec):
                self.add_error(field, sentence)
        return data

    def _fill_tray(self, data: Mapping[str, Any]) -> None:
        dropped = set(data.get("remove", ()))
        chosen = {role: [c for c in data.get(role, ()) if c not in dropped] for role in ("source", "reference")}
        found = _find([*chosen["source"], *chosen["reference"]], self.person)
        for role, codes in chosen.items():
            if any(str(code) not in found for code in codes):
                self.add_error(role, GONE)
        self.source_picture = next((found[str(code)] for code in chosen["source"] if str(code) in found), None)
        self.reference_pictures = [
            found[str(code)] for code in dict.fromkeys(chosen["reference"]) if str(code) in found
        ]
        self._name_refused()

    def _name_refused(self) -> None:
        """Luma has lately refused one of these pictures when it was uploaded: say so before anything is paid."""
        placed = [*([self.source_picture] if self.source_picture else []), *self.reference_pictures]
        if not placed:
            return
        refused = RemoteFile.objects.refused(placed, provider=settings.LUMA_BASE_URL, now=timezone.now())
        for picture_id, why in set(refused.values_list("picture_id", "reason")):
            is_source = self.source_picture is not None and self.source_picture.pk == picture_id
            numbers = [f"@{n}" for n, one in enumerate(self.reference_pictures, 1) if one.pk == picture_id]
            named = " and ".join([*(["the source"] if is_source else []), *numbers])
            self.add_error("source" if is_source else "reference", refused_sentence(named, why))

    def _take_files(self, data: Mapping[str, Any]) -> None:
        """Store what arrived with the form, so that it need not be chosen again."""
        for number, file in enumerate(data.get("source_file", ())):
            if number:
                self.add_error("source", f"{shown_name(file.name)}: {_ONE_SOURCE}")
            else:
                self.source_picture = self._take("source", file) or self.source_picture
                self.reference_pictures = [one for one in self.reference_pictures if one != self.source_picture]
        for file in data.get("reference_files", ()):
            if len(self.reference_pictures) >= MAX_REFERENCES - bool(self.source_picture):
                self.add_error("reference", f"{shown_name(file.name)}: {_TRAY_FULL}")
            elif picture := self._take("reference", file):
                source = str(self.source_picture.code) if self.source_picture else ""
                if again := refuse_again(picture, source, [str(one.code) for one in self.reference_pictures]):
                    self.add_error("reference", f"{again.name}: {again.sentence}")
                else:
                    self.reference_pictures.append(picture)

    def _take(self, role: str, file: UploadedFile[bytes]) -> Picture | None:
        stored = store_upload(file, self.person, timezone.now())
        if isinstance(stored, Refusal):
            self.add_error(role, f"{stored.name}: {stored.sentence}")
            return None
        if stored.changes:
            self.changed.append(stored)
        return stored

    def _make_spec(self, data: Mapping[str, Any]) -> RequestSpec:
        """Leave out what the type does not take: without script every control of the dock is sent."""
        type = data["type"] or FIRST["type"]
        if self.source_picture and type == Submission.Type.IMAGE:
            type = Submission.Type.EDIT.value
        kind = KINDS[str(type)]
        return RequestSpec(
            type=kind.slug,
            prompt=data["prompt"],
            model=data["model"] or kind.models[0],
            aspect_ratio=data["aspect_ratio"] if kind.has_ratio else "",
            style=(data["style"] if kind.styles else "") or "auto",
            output_format=data["output_format"] if kind.output_formats else "",
            web_search=data["web_search"] and kind.has_web_search,
            layering_resolution=data["layering_resolution"] if kind.resolutions else "",
            count=1 if data["count"] is None else data["count"],
            source=self.source_picture,
            references=tuple(self.reference_pictures),
        )


def _line_full(full: TooManyWaiting) -> str:
    pictures = "1 picture" if full.waiting == 1 else f"{full.waiting:,} pictures"
    more = "this one" if full.asked == 1 else f"these {full.asked}"
    return (
        f"You have {pictures} waiting. With {more} it would be more than {full.most:,}: "
        "wait until some are made, or cancel some."
    )


def _find(codes: Iterable[uuid.UUID | str], person: User) -> dict[str, Picture]:
    """Look up pictures by code, in one query; what is no code or not there is not in the answer."""
    wanted = {code for code in map(_code, codes) if code}
    if not wanted:
        return {}
    pictures = Picture.objects.visible_to(person).filter(code__in=wanted).for_tiles()
    return {str(picture.code): picture for picture in pictures}


def _code(raw: uuid.UUID | str | None) -> uuid.UUID | None:
    try:
        return raw if isinstance(raw, uuid.UUID) else uuid.UUID(raw or "")
    except ValueError:
        return None


def _submission_of(like: str | None, edit: str | None) -> Submission | None:
    with_inputs = Submission.objects.prefetch_related("inputs__picture__renditions", "inputs__picture__job__submission")
    if code := _code(like):
        return with_inputs.filter(code=code).first()
    if code := _code(edit):
        return with_inputs.filter(pk__in=Job.objects.filter(code=code).values("submission")).first()
    return None


def _settings_of(submission: Submission) -> dict[str, Any]:
    settings = {name: getattr(submission, name) for name in CHOICES}
    references = [entry.picture for entry in submission.references]
    return settings | {"source": submission.source, "reference": references}


def _last_settings(person: User) -> dict[str, Any]:
    names = ("model", "aspect_ratio", "style")
    recent = person.submissions.order_by("-created_at", "-pk").values("type", *names)[:RECENT]
    last = next((asked for asked in recent if asked["type"] == Submission.Type.IMAGE), None)
    return {name: last[name] for name in names} if last else {}


def _clean_text(raw: str) -> str:
    """Count as the browser does (it sends CR LF for each new line), and keep what a database cannot hold out."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if letter >= " " or letter in _KEPT_CONTROLS).strip()
