from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from studio.models.people import User
from studio.models.pictures.queries import PictureQueries
from studio.models.pictures.trashable import Trashable
from studio.models.sql.compiled_query import KEYS, CompiledQuery
from studio.models.sql.loading import QuickLoad
from studio.models.stacks.stackable import Stackable
from studio.ratios import ratio_class


class PictureQuerySet(PictureQueries["Picture"]):
    """Of pictures: see PictureQueries."""


class Size(NamedTuple):
    """What an address needs to know of a rendition."""

    size: int
    width: int


def _sizes(keys: Any) -> models.QuerySet[Rendition, Any]:
    return Rendition.objects.filter(picture_id__in=keys).order_by("size").values_list("picture_id", "size", "width")


_SIZES = CompiledQuery(_sizes, KEYS)


def load_sizes(pictures: Iterable[Picture]) -> None:
    """Fill in the `sizes` of each: one query and no object for any rendition, of which a page has hundreds."""
    by_key: dict[int, list[Size]] = {}
    for picture in pictures:
        # One object may stand for the picture of several jobs, and several for one picture.
        picture.__dict__["sizes"] = by_key.setdefault(picture.pk, [])
    for key, size, width in _SIZES(list(by_key)) if by_key else ():
        by_key[key].append(Size(size, width))


class Picture(QuickLoad, Trashable, Stackable):
    """One stored image, made or uploaded: immutable, measured once, named by the hash of its bytes."""

    class Origin(models.TextChoices):
        MADE = "made", "Made"
        UPLOAD = "upload", "Uploaded"
        # Made here, free: the source of an edit with parts of the edit laid in. It belongs to the edit's job.
        KEPT = "kept", "Kept"
        # A copy with marks drawn on it, sent beside the clean picture: in no gallery and no list of uploads.
        MARKED = "marked", "Marked"
        # New content of a layer: an edit of it, cut to its outline. In no gallery: the split it lies in is there.
        LAYER = "layer", "Layer"

    class Format(models.TextChoices):
        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"
        WEBP = "webp", "WebP"
        GIF = "gif", "GIF"
        # Luma documents none of these; what it sends is paid for and kept as it came.
        TIFF = "tiff", "TIFF"
        AVIF = "avif", "AVIF"
        HEIC = "heic", "HEIC"

    class SourceType(models.TextChoices):
        """What every file of it says (studio/embedding). Parts of an upload in it make it a composite; what AI only
        looked at, the references, do not."""

        NONE = "", "Not by AI"
        TRAINED = "trained", "Made by AI"
        COMPOSITE = "composite", "Composite with AI"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pictures", db_index=False
    )
    job = models.ForeignKey("Job", on_delete=models.PROTECT, null=True, related_name="pictures")
    # The place among the outputs of its job; layers count from the front, kept versions follow what Luma made.
    position = models.PositiveSmallIntegerField(default=0)

    # The edit of which a kept version has parts, and that a layer's new content was cut from.
    kept_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="kept", db_index=False)
    # The layer, as Luma made it, whose place this may take.
    layer_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="contents", db_index=False)

    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=10, choices=Format.choices)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    has_alpha = models.BooleanField(default=False)
    # A few blurred pixels as a data: address, shown until a rendition arrives.
    placeholder = models.TextField(blank=True)
    colour = models.CharField(max_length=7, blank=True)

    # An upload's own name, and what was changed on the way in; shown, never used as a path.
    original_name = models.CharField(max_length=120, blank=True)
    changes = models.JSONField(default=list, blank=True)
    # A layer's name, description, edge and place on the canvas, as Luma sent them.
    layer = models.JSONField(null=True, blank=True)
    # Of a marked copy: the marks and their words, to be drawn and changed again (studio/forms/edits/marks.py).
    marks = models.JSONField(null=True, blank=True)

    # Whether AI made it; worked out from what it came of when it is stored. `marked_as` is what is said.
    source_type = models.CharField(max_length=10, choices=SourceType.choices, blank=True, default=SourceType.NONE)
    # The file came with content credentials of its maker (C2PA), whose seal one byte more would break.
    has_credentials = models.BooleanField(default=False)

    created_at = models.DateTimeField(default=timezone.now)
    # When its first rendition stood: from then on it is in the gallery. Never for the layers behind the front one, so
    # that a split is one picture there.
    shown_at = models.DateTimeField(null=True)
    renditions_due_at = models.DateTimeField(null=True)
    # Counted before each try, so that a picture that kills its worker comes to an end too.
    rendition_tries = models.PositiveSmallIntegerField(default=0)

    # Its owner alone sees it: of a private submission, or a file that nothing of the team uses yet (studio.models.pictures.privacy).
    is_private = models.BooleanField(default=False)
    # An admin asked that nobody uses it any more as a source or a reference, and why.
    flagged_at = models.DateTimeField(null=True)
    flagged_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    flagged_reason = models.CharField(max_length=200, blank=True)
    # A copy in no gallery, such as a crop, that shows a private picture: what uses it is private too.
    is_of_private = models.BooleanField(default=False)
    # Put aside: out of the gallery, and kept.
    archived_at = models.DateTimeField(null=True)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # When somebody of the team last took it away as a file (studio/models/files/exported.py).
    exported_at = models.DateTimeField(null=True)
    # The revision of its last change that a tile shows (studio/views/gallery/tile_changes.py).
    rev = models.BigIntegerField(null=True)
    rating = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=10, blank=True)  # `Decision` and `Rating` say who and when

    is_starred = False  # by whoever looks; `Star.load` fills it in
    stacked = 0  # pictures of its stack, and on the wall the codes of those behind it; `stacks.load` fills them in
    stacked_codes = ""
    objects = PictureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="one_picture_for_each_output"),
            # The same parts of the same edit are the same picture, however often they are saved.
            models.UniqueConstraint(
                fields=["kept_from", "origin", "sha256"],
                name="one_kept_version_for_each_content",
                condition=models.Q(kept_from__isnull=False),
            ),
        ]
        indexes = [
            # The gallery, newest first, and its pages; whose private pictures are passed over is read from the index alone.
            models.Index(
                fields=["-shown_at", "-id", "is_private", "person"],
                name="gallery",
                condition=models.Q(
                    job__isnull=False, shown_at__isnull=False, trashed_at__isnull=True, archived_at__isnull=True
                ),
            ),
            # Its tiles: one for each stack.
            models.Index(
                fields=["-shown_at", "-id", "is_private", "person"],
                name="gallery_wall",
                condition=models.Q(
                    job__isnull=False,
                    shown_at__isnull=False,
                    trashed_at__isnull=True,
                    archived_at__isnull=True,
                    cover__isnull=True,
                ),
            ),
            # What changed lately.
            models.Index(fields=["rev"], name="picture_changes", condition=models.Q(rev__isnull=False)),
            # What lies in a stack.
            models.Index(fields=["cover"], name="stack_of_a_cover", condition=models.Q(cover__isnull=False)),
            # The trash of a person and of the team, the last moved first, and what is to be deleted next.
            models.Index(
                fields=["person", "-trashed_at", "-id"],
                name="trash_of_a_person",
                condition=models.Q(deletes_at__isnull=False),
            ),
            models.Index(
                fields=["-trashed_at", "-id"], name="trash_of_the_team", condition=models.Q(deletes_at__isnull=False)
            ),
            models.Index(
                fields=["deletes_at", "id"], name="trash_to_delete", condition=models.Q(deletes_at__isnull=False)
            ),
            # The uploads of a person, newest first, and their pages.
            models.Index(
                fields=["person", "-created_at", "-id"],
                name="uploads_of_a_person",
                condition=models.Q(job__isnull=True),
            ),
            # What still needs renditions.
            models.Index(
                fields=["renditions_due_at"], name="renditions_due", condition=models.Q(renditions_due_at__isnull=False)
            ),
            # What may take a layer's place.
            models.Index(fields=["layer_of"], name="contents_of_a_layer", condition=models.Q(layer_of__isnull=False)),
            # Which pictures share a file.
            models.Index(fields=["sha256"], name="picture_by_content"),
        ]

    def __str__(self) -> str:
        return f"{self.get_origin_display()} {self.width} × {self.height}"

    def get_absolute_url(self) -> str:
        return reverse("studio:picture", args=[self.code])

    @property
    def ratio_class(self) -> str:
        return ratio_class(self.width, self.height)

    @property
    def is_made(self) -> bool:
        """Whether the gallery has it: what Luma made, and what was kept of it."""
        return self.origin in {self.Origin.MADE, self.Origin.KEPT}

    @property
    def marked_as(self) -> str:
        """The source type that its files are marked with; never nothing for what has a job."""
        if self.source_type or not self.job_id:
            return self.source_type
        return self.SourceType.COMPOSITE if self.is_kept else self.SourceType.TRAINED

    @property
    def source_type_of_edits(self) -> str:
        """The source type of what AI makes of it as a source: a composite, unless AI alone made it."""
        is_all_ai = self.marked_as == self.SourceType.TRAINED
        return self.SourceType.TRAINED if is_all_ai else self.SourceType.COMPOSITE

    def is_hidden_from(self, person: User) -> bool:
        return self.is_private and not person.owns(self.person_id)

    @property
    def makes_private(self) -> bool:
        """Whether what is made from it is private too. A file that nobody used yet is only not shown yet."""
        return self.is_private and bool(self.job_id or self.is_of_private or self.uses.filter(is_kept_private=True))

    @property
    def is_kept(self) -> bool:
        return self.origin == self.Origin.KEPT

    @property
    def is_edit(self) -> bool:
        """Whether it came of a source that it can be compared with."""
        return self.job is not None and self.job.submission.type == "image_edit"

    @property
    def is_split(self) -> bool:
        """Whether it stands for all layers of a split: the front one does."""
        return self.job is not None and self.position == 0 and self.job.submission.type == "layering"

    @property
    def title(self) -> str:
        """The words that stand for the picture: its prompt, or an upload's name."""
        if self.job:
            return self.job.submission.prompt or "Layers"
        return self.original_name or "Uploaded picture"

    @cached_property
    def sizes(self) -> list[Size]:
        """Its renditions, the smallest first; `load_sizes` fills it in for many pictures."""
        return sorted(Size(rendition.size, rendition.width) for rendition in self.renditions.all())

    def rendition_for(self, size: int) -> Size | None:
        """The smallest rendition of at least `size` pixels on the long side, else the largest there is."""
        return next((r for r in self.sizes if r.size >= size), self.sizes[-1] if self.sizes else None)


class Rendition(models.Model):
    """A smaller WebP of a picture; `size` is one of imaging.SIZES, `width` and `height` the real pixels."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    size = models.PositiveSmallIntegerField()
    file = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["picture", "size"], name="one_rendition_for_each_size")]

    def __str__(self) -> str:
        return f"{self.size} px"

    def get_absolute_url(self) -> str:
        """An address that changes with the bytes, so that it may be cached for ever."""
        return reverse("studio:rendition", args=[self.picture.code, self.picture.sha256[:12], self.size])
