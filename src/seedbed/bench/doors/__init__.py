"""Floor 5. What the doors cost beside each other: the same answers, in each vendor's words."""
