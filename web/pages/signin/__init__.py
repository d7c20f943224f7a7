"""Signing in: residents by a code on their phone, staff by password and second factor."""
