"""From prices and machines to a decision, and from the decision to what it was worth."""
