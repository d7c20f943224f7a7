"""Measured comparisons: every figure is a ratio or a bound taken in one run, printed by a command of this folder."""
