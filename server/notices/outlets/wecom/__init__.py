"""Messages in a WeCom group, by the group's robot."""
