"""Messages to another system, by a signed call."""
