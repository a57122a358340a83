"""Floor 1. Small libraries that could be published without one word of our domain."""
