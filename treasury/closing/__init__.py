"""Closing a month: the checklist with its proofs, the lock, and what was restated since."""
