"""What a switching policy would have earned on real prices: one site, hour by hour, with what was known then."""
