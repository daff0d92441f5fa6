"""The page of a site's own figures, its pool and its meters."""
