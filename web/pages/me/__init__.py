"""A person's own page: devices, name, password, second factor, look."""
