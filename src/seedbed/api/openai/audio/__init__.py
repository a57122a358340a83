"""Floor 6. Sound in OpenAI's words: spoken, and heard."""
