"""What should have been mined, what pools paid, and where the two, the wallets and the books differ."""
