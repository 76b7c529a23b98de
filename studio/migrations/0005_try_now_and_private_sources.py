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
        # Nothing uses it; the column stays, because the version before still writes it while the tables change.
        migrations.AlterField(
            model_name="board",
            name="dock",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="board", name="dock")],
        ),
    ]
