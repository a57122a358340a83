"""Floor 2. Each file is one change, named by its order and what it brings."""
