"""Floor 6. The command line: a command parses, calls one thing and prints."""
