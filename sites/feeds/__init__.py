"""What power markets say: feeds on the wire and files of history. Pure."""
