from __future__ import annotations

import os

from tests.stack.running import Running


def environment(studio: Running) -> dict[str, str]:
    """What a process beside a running studio needs to use its tables."""
    own = {"STUDIO_DATA": str(studio.data), "STUDIO_DOTENV": "off", "DJANGO_SETTINGS_MODULE": "studio.settings"}
    return {**os.environ, **own, **studio.environment}
