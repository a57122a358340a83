"""Floor 3. Plain sentences, in English and Chinese, made into a Scene by rule."""
