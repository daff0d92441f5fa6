"""The page of what a site buys, stores and promises."""
