"""What sites and GPU contracts cost and earned, day by day."""
