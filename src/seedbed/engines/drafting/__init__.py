"""Floor 3. The drawing of Scenes as clean vector illustration, still and moving."""
