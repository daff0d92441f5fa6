"""What a hash is worth now, and since when the console knows it."""
