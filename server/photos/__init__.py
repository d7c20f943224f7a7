"""Evidence: receive, clean, keep."""
