"""Ways out, one folder each behind the small interface in `interface.py`."""

from server.notices.outlets.planning import Made, plan

__all__ = ["Made", "plan"]
