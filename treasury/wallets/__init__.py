"""Watch-only wallets: which there are, what the chain says of them, and what the books say."""
