"""Places: their list, one of them, their labels, and what a label opens for whoever scans it."""
