"""Floor 6. OpenAI's Responses: a list of items, told event by event, kept and gone on from."""
