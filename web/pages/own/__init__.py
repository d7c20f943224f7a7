"""我家的联系: what is kept of one's own household, and the way out of it."""
