"""Floor 5. Where films are put together, in a process of its own for each order."""
