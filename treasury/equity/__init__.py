"""Share capital as it was told, and what the company is worth by it."""
