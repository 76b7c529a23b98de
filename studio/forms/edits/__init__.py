"""Work on a picture that is there: cut, kept in part, marked, layer by layer."""
