"""联系户: the households of a community, who is linked to them, what was said at the door."""
