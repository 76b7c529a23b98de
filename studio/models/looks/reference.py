from __future__ import annotations

from django.db import models

from studio.models.picture import Picture


class LookReferenceQuerySet(models.QuerySet["LookReference"]):
    def for_tiles(self) -> LookReferenceQuerySet:
        return self.select_related("picture__job__submission").prefetch_related("picture__renditions")


class LookReference(models.Model):
    """A picture of a look and what is taken from it."""

    class Role(models.TextChoices):
        SUBJECT = "subject", "Subject"
        STYLE = "style", "Style"
        COLOUR = "colour", "Colour"
        LAYOUT = "layout", "Layout"

    version = models.ForeignKey("LookVersion", on_delete=models.CASCADE, related_name="references")
    # None when the picture was deleted: its place stays and says so.
    picture = models.ForeignKey(Picture, on_delete=models.SET_NULL, null=True, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)
    position = models.PositiveSmallIntegerField()

    objects = LookReferenceQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_reference_for_each_place")]

    def __str__(self) -> str:
        return f"@{self.position}"
