#!/usr/bin/env python
"""Django's command line for Studio; `manage.py studio` starts everything."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    if sys.argv[1:2] == ["studio"] and sys.platform != "linux":
        sys.exit(
            "Studio runs on Linux: its web server and its processes need it. Use a container or a virtual machine."
        )
    try:
        settings.configured or settings.DEBUG  # read them  # noqa: B018
    except ImproperlyConfigured as faults:
        sys.exit(f"Studio does not start:\n{faults}")
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as problem:
        if "--traceback" in sys.argv:
            raise
        why = str(problem).strip().partition("\n")[0]
        is_file = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
        check = "that Studio's user may read and write it" if is_file else "that it runs, and DATABASE_URL"
        sys.exit(f"The database cannot be used ({why}). Check {check}; --traceback says more.")


if __name__ == "__main__":
    main()
