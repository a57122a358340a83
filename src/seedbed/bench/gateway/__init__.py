"""Floor 5. What the gateway costs: the same answers, fetched straight and through gateways."""
