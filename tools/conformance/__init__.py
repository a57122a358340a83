"""Which methods of the vendors' own SDKs, and which of their own tests, this house answers."""
