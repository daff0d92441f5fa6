"""The page of who has bought GPU nodes of a site."""
