"""Alerts for people and programs: the table of all rules, who sees what, pages, fragments, endpoints."""
