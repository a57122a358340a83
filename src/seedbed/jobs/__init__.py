"""Floor 4. Durable work: jobs of steps, and the workers that run them."""
