"""Floor 1. Programs that take media of strangers apart, one for each kind of order."""
