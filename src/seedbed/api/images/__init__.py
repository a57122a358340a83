"""Floor 6. Pictures on their way out, whichever vendor's words ask for them."""
