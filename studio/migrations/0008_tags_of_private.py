from django.db import migrations, models
from django.db.models import Count, F
from django.db.models.functions import Greatest


def count_team_alone(apps, schema_editor):
    """Take private pictures from the numbers of tags."""
    Tag, PictureTag = apps.get_model("studio", "Tag"), apps.get_model("studio", "PictureTag")
    private = PictureTag.objects.filter(picture__is_private=True).order_by().values_list("tag")
    for key, number in private.annotate(number=Count("pk")).iterator(chunk_size=2_000):
        Tag.objects.filter(pk=key).update(number=Greatest(F("number") - number, 0))


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0007_private_months"),
    ]

    operations = [
        migrations.AddField(
            model_name="picturetag",
            name="name",
            field=models.CharField(blank=True, db_default="", default="", max_length=50),
        ),
        migrations.RunPython(count_team_alone, migrations.RunPython.noop),
    ]
