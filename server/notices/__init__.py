"""Inbox, outlets, alarms: reads events of all rooms above. With channels, the only room that calls out."""
