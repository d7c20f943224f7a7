"""What is kept of people, why, on what basis and how long: printed from the tables' own declarations."""
