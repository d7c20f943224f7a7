"""The secretary's door: a private thread between a resident and the named secretary of their community.

`thread` says whose it is and loads it, `talking` holds the verbs, `casing` makes a case of it, `succession` gives it to
the next secretary, `ticking` reminds; `numbers` are public, what was said never is. See docs/door.md.
"""

from server.households.door import succession as succession
