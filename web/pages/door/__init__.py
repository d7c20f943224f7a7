"""书记的门: a resident's private thread with their secretary, the secretary's side of it, and its public numbers."""
