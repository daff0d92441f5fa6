"""The page of what is planned to be off at a site."""
