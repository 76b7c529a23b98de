"""Prices, budgets, ratios and Luma's own figures, as an admin types them."""
