"""What every outlet raises, so that the job is tried again."""


class OutletFailed(Exception):
    """A message did not go out. The text names neither phone nor message: it is logged."""
