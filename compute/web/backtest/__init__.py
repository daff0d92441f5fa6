"""Pages of back-tests: ask for one, watch it, compare what the policies earned."""
