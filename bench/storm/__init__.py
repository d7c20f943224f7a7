"""The storm: real phone modules against the real server, through faults drawn from a seed."""
