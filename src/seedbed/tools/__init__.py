"""What the house does for a model or an assistant that calls it by name. Floor 5."""
