"""Statements that are built or planned once, for what pages ask every time."""
