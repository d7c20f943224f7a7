"""The unit: what there is to take on, what is in hand, taking on, returning, finishing."""
