"""Makes the art of the drawing engine, and the words for it, from packages that others publish."""
