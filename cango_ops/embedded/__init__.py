"""Real PostgreSQL and real Redis out of Python wheels, and the supervisor behind `make up`."""
