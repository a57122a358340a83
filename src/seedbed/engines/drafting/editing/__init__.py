"""Floor 3. Pictures changed as plain words say, at the places that are marked."""
