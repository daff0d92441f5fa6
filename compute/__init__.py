"""What runs at the sites, and what it should run."""
