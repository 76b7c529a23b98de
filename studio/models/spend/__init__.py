"""What everything costs: prices, the ledger and its sums."""
