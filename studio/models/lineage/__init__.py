"""What a picture came from, and what came of it."""
