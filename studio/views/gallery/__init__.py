"""The gallery: finding, choosing and putting away pictures, many at a time."""
