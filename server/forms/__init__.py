"""Versioned questions: the categories of cases with what each demands, and the extra questions they ask."""
