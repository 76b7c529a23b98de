"""Review: what failed, why, what it cost, and what admins do about it."""
