"""Floor 4. The one road to a model, and the processes that engines need."""
