"""The overview: every site a person may see, on one screen."""
