"""Floor 6. Volcengine Ark's dialect, which is BytePlus's, too."""
