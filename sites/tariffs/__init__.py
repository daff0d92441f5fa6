"""What a megawatt-hour costs at an instant under a contract. Pure."""
