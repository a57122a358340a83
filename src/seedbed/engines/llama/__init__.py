"""Floor 3. The parts of the engine that speaks to llama.cpp's server; nothing else imports them."""
