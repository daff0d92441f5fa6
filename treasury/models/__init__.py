"""Rows of the treasury."""
