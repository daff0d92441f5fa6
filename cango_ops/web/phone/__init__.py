"""Standing before a machine: labels to print, looking one up, and what a thumb needs of it."""
