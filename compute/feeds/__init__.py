"""What the outside world says of Bitcoin: the network's difficulty and rewards, and its price. Pure."""
