"""What the power that was drawn costs under given terms."""
