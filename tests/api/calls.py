"""OpenAI's calls without a house: they read and write, and nothing can be stored."""

from typing import cast

from seedbed.api.openai.routes import calls
from seedbed.api.openai.stored import Stored

CALLS = calls(cast(Stored, None))
