"""Messages by an SMS gateway over HTTP."""
