"""Alarms: what is due soon, overdue, floats, was returned twice or was rated low, and who hears of it when.

`ladder` is the table and the pure rule of climbing, `standing` the pure rule of which alarms a case has; `watching`
keeps them as rows beside what happens, `ticking` tells of those whose time has come. See docs/alarms.md.
"""
