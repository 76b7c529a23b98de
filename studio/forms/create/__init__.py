"""The compose dock: what it shows, and what it sends."""
