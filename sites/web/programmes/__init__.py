"""The page of a site's demand-response programmes and their calls."""
