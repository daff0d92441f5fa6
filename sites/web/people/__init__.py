"""The pages on which admins add people, give and take their roles, and send them away."""
