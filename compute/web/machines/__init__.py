"""The list of machines, of all sites that a person sees."""
