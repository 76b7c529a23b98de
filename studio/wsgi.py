"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from studio.configuration.base_path import served

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
application = served(get_wsgi_application())
