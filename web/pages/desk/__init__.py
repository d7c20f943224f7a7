"""The desk: the list of cases through a post's lens, one case with what may be done now, and the doing."""
