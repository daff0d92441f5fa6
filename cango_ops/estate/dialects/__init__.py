"""How each family of machines speaks: its questions, its answers in their real shape, its commands."""
