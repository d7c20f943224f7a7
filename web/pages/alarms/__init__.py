"""预警: what is late or stuck, the worst first."""
