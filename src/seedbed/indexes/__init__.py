"""Floor 3. Indexes: they find passages by their meaning and by their words."""
