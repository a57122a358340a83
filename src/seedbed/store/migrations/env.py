"""How Alembic runs our migrations: on the connection that it is handed, and on no other.

Floor 2.
"""

from alembic import context

from seedbed.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
