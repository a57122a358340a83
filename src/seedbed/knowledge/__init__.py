"""Floor 5. Knowledge: documents of a project that are searched by what they say."""
