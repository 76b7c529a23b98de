from collections import defaultdict

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def count_days(apps, schema_editor):
    """Count the pictures that the gallery has already, by their days."""
    made = apps.get_model("studio", "Picture").objects.filter(
        job__isnull=False, shown_at__isnull=False, trashed_at__isnull=True, archived_at__isnull=True
    )
    numbers, private = defaultdict(int), defaultdict(lambda: defaultdict(int))
    for shown_at, person, is_private in made.values_list("shown_at", "person_id", "is_private").iterator(
        chunk_size=10_000
    ):
        day = timezone.localtime(shown_at).date().isoformat()
        numbers[day] += not is_private
        if is_private:
            private[day][str(person)] += 1
    GalleryDay = apps.get_model("studio", "GalleryDay")
    GalleryDay.objects.bulk_create(
        GalleryDay(day=day, number=number, private_numbers=dict(private[day]), zone=settings.TIME_ZONE)
        for day, number in numbers.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0008_tags_of_private"),
    ]

    operations = [
        migrations.CreateModel(
            name="GalleryDay",
            fields=[
                ("day", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                (
                    "private_numbers",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                ("zone", models.CharField(max_length=100)),
            ],
        ),
        migrations.RunPython(count_days, migrations.RunPython.noop),
    ]
