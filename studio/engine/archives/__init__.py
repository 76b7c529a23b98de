"""Zips of many pictures, and exports of everything of a person or a board."""
