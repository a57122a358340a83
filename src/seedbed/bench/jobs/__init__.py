"""What jobs cost, and what they survive. Floor 5."""
