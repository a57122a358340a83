"""Floor 6. The doors over HTTP: they read a vendor's words, ask the gateway, write the answer."""
