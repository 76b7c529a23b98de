from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0004_dock_board"),
    ]

    operations = [
        migrations.AddField(
            model_name="apiaccount",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="apiaccount",
            name="try_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="input",
            name="is_kept_private",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
