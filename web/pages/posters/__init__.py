"""Posters: a code on the wall that opens the report with the place filled in."""
