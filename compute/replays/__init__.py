"""Back-tests that people ask for: a site's stored past, or a file's, run through policies by a worker."""
