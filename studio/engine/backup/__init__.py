"""Back up a studio, put it back, and move it to other places."""
