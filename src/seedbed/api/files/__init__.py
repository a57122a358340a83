"""Floor 6. Files and batches as every vendor's door has them: kept by project, under an id."""
