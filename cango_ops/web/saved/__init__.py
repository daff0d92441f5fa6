"""Views of list pages, kept under a name."""
