from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def write_private_looks_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have what was made with private looks written anew for search, behind what waits: their words are their owners'."""
    looks = apps.get_model("studio", "Look").objects.using(schema_editor.connection.alias)
    looks.filter(is_team=False).update(search_due_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0005_try_now_and_private_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="look",
            name="search_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="look",
            name="search_after",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunPython(write_private_looks_anew, migrations.RunPython.noop),
    ]
