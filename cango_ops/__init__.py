"""Cango Ops: the console from which a Bitcoin miner with AI containers is run."""
