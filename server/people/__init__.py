"""Accounts, organisations, units, posts and who holds them; sign-in and sessions."""
