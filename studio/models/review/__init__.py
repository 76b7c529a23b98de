"""Failures as cases of Review, and what admins do about them."""
