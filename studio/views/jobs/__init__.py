"""Jobs: their cards, their groups, one of them with its whole story, and what is decided about it."""
