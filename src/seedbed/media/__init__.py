"""Floor 5. Pictures and films as people want them: planned, put together, checked, permitted."""
