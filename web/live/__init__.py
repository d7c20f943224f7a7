"""Live pages: one stream for each browser that names what changed. See docs/live.md."""
