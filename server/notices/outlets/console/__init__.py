"""Messages on the console of the worker, for the demo."""
