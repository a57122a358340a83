"""Floor 3. Programs that engines run in processes of their own; never imported by the server."""
