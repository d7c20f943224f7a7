"""Web push: a courtesy to devices that asked for it. The inbox is the record; whom push does not reach, a message does.

`endpoints` says where a push may go, `devices` which device asked, `planning` what goes to whom and what the later rung
waits for, `sending` sends, `receiving` takes the device's word that it showed something. See docs/push.md.
"""
