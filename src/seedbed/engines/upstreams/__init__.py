"""Floor 3. Asking models that others serve: dialects, the line to them, their faults."""
