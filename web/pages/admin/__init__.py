"""The pages of administration: areas, units, organisations, posts, accounts, categories, calendar, system."""
