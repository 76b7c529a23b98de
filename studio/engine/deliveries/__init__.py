"""What leaves for addresses outside of Studio: alerts and webhooks."""
