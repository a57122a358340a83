"""What pictures and films cost, and whether words in them are exact. Floor 5."""
