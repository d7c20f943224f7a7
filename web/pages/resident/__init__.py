"""The resident's pages: home, 找书记, my reports, one report."""
