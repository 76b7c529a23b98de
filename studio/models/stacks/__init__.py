"""Stacks: several pictures of the gallery under one tile."""
