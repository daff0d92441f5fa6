"""Rules of the machines and of what they are told to do, for the alerts."""
