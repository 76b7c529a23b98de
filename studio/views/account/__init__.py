"""Your account: signing in and out, the second step, passkeys, sessions, tokens, webhooks and your own data."""
