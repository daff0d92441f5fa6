"""The monthly report: figures frozen in one snapshot, and the documents made of it."""
