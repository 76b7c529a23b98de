"""Boards: the list of them, one of them, and how pictures lie on it."""
