"""Floor 6. OpenAI's dialect: chats, responses, pictures, vectors, files, batches and models."""
