"""Looks: named sets of references and words that a request can be made with."""
