"""Where the company runs, and what power costs there."""
