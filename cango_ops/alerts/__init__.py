"""What needs somebody: rules, alerts and their states, silences, and who is told."""
