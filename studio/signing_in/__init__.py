"""How somebody comes in: passwords, providers, passkeys, sessions, and the brake on guessing."""
