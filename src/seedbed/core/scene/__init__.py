"""Floor 1. The Scene: one structured draft of a picture or a film."""
