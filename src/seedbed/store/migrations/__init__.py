"""Floor 2. The history of the tables, one file a change, run by Alembic."""
