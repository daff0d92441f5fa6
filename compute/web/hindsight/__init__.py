"""The pages of hindsight: what months earned, against what was promised and other ways."""
