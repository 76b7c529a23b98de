"""What is told to addresses outside of Studio: alerts of admins, webhooks of people."""
