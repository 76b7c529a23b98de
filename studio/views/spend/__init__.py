"""Spend: what a month cost, budgets, prices and ratios."""
