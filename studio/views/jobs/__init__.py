"""Jobs: their cards, their groups, and one of them with its whole story."""
