"""What was used, as it is counted in OpenAI's words.

Floor 3.
"""

import msgspec

from seedbed.core.usage import Usage


class _Cached(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Thought(msgspec.Struct):
    reasoning_tokens: int | None = None


_NONE_CACHED, _NO_THOUGHT = _Cached(), _Thought()


class Counted(msgspec.Struct):
    """The object `usage` of an answer."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Cached | None = None
    completion_tokens_details: _Thought | None = None

    @property
    def counts(self) -> Usage:
        """The same in counters that do not overlap. Of a total alone all was read."""
        prompt, completion = self.prompt_tokens, self.completion_tokens or 0
        if prompt is None:
            prompt = (self.total_tokens or 0) - completion
        cached = self.prompt_tokens_details or _NONE_CACHED
        read, write = cached.cached_tokens or 0, cached.cache_write_tokens or 0
        thought = (self.completion_tokens_details or _NO_THOUGHT).reasoning_tokens or 0
        apart = self.total_tokens == prompt + completion + thought
        visible = completion if apart else completion - thought
        return Usage(prompt - read - write, read, write, visible, thought)
