"""The handover from one shift to the next."""
