"""Floor 1. Values, errors and rules: nothing here waits, reads a clock or knows a vendor."""
