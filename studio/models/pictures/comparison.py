from __future__ import annotations

from django.db import models

from studio.models.picture import Picture


class Comparison(models.Model):
    """How an edit lies on its source, worked out once by the picture child. Its maps can be made again."""

    class Verdict(models.TextChoices):
        FOUND = "found", "Differs in regions"
        EVERYWHERE = "everywhere", "Differs all over"
        SAME = "same", "Does not differ"
        MOVED = "moved", "Nothing lines up"
        OTHER_SHAPE = "other_shape", "Has another shape"

    edit = models.OneToOneField(Picture, on_delete=models.CASCADE, related_name="comparison")
    source = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+", db_index=False)
    # Of both files: other bytes need another comparison.
    content = models.CharField(max_length=64)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    # Pixels by which the edit is moved to lie on its source.
    dx = models.IntegerField(default=0)
    dy = models.IntegerField(default=0)
    # How much of what can be told apart lines up then, in percent.
    lining = models.PositiveSmallIntegerField(default=0)
    # Boxes in pixels of the source, the largest region first: x, y, width, height, ppm.
    regions = models.JSONField(default=list)
    unlisted = models.PositiveIntegerField(default=0)
    difference = models.CharField(max_length=200, blank=True)
    numbers = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.get_verdict_display()
