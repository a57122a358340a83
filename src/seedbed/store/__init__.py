"""Floor 2. The only SQL and the only files of the house's own."""
