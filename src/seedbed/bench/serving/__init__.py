"""Floor 5. Whole answers of real models: ours over HTTP, beside servers and libraries alone."""
