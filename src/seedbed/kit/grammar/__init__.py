"""Floor 1. Grammars in GBNF: written from JSON schemas and patterns, read, checked, rewritten."""
