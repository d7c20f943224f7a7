"""Reports and the way of a case: who may do what when, deadlines, history. One verb, one change, one event."""
