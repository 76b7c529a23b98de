"""What lies on a board, in which order, and what a board counts of it."""
