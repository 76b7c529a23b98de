"""Links that show pictures to clients, and what clients answer."""
