"""Linked households: who is linked to whom, what was said at the door, what is needed, and what was made of it.

Kept is what the purpose needs and nothing more: an address, who to ask for and how to reach them, tags that name the
purpose they serve. See docs/households.md.
"""
