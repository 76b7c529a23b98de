"""Files that arrive with a form, and pictures that leave as files."""
