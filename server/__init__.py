"""What Huying knows and does. Serves no HTTP and makes no HTML."""
