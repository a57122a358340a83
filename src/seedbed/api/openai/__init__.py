"""Floor 6. OpenAI's dialect: chat completions and models."""
