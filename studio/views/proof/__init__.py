"""Proof links: the pages of a client, and the links themselves."""
