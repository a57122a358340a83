"""Floor 6. Films: our own call that makes one, and what the vendors' doors of films share."""
