"""One file a format: each takes the snapshot, or the document said of it, and returns bytes. Pure."""
