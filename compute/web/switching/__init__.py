"""Pages of what each megawatt is used for, and who decides it."""
