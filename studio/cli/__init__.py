"""The command line `studio`: make, edit, watch, find and fetch pictures from a terminal, with a token.

It knows a studio's JSON API alone, and imports nothing else of this package: `pipx install .` brings httpx and typer.
"""
