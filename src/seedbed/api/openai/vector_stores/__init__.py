"""Floor 6. Vector stores in OpenAI's words."""
