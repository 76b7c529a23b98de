"""Doors for scripts and agents: one request, one price and budget check, one queue and one gallery behind each of them."""
