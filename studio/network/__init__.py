"""Addresses, and what is asked of other servers."""
