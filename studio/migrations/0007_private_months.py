from collections import defaultdict

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def count_private(apps, schema_editor):
    """Count what is private already, for its owner."""
    made = apps.get_model("studio", "Picture").objects.filter(
        is_private=True, job__isnull=False, shown_at__isnull=False, trashed_at__isnull=True, archived_at__isnull=True
    )
    months = defaultdict(lambda: defaultdict(int))
    for shown_at, person in made.values_list("shown_at", "person_id").iterator(chunk_size=2_000):
        months[f"{timezone.localtime(shown_at):%Y-%m}"][str(person)] += 1
    GalleryMonth = apps.get_model("studio", "GalleryMonth")
    for month, numbers in months.items():
        fields = {"private_numbers": dict(numbers)}
        GalleryMonth.objects.update_or_create(
            month=month, defaults=fields, create_defaults={**fields, "zone": settings.TIME_ZONE}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0006_look_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="gallerymonth",
            name="private_numbers",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.RunPython(count_private, migrations.RunPython.noop),
    ]
