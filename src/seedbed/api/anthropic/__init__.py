"""Floor 6. Anthropic's dialect: messages, their tokens, models, files and batches."""
