"""What an answer used, in counters that do not overlap.

Floor 1. Each token is counted in exactly one place, so sums and prices need no corrections.
"""

from seedbed.core.value import value


@value
class Usage:
    """Tokens by where they came from and what they became.

    `input_fresh` was computed, `input_cache_read` was found in a prefix cache, `input_cache_write`
    was computed and stored at a price of its own. `output_reasoning` was thought, `output_visible`
    was said (tool calls included); of a model that paints or films it is what these are counted as.
    `images` are the pictures that it made, which may be priced by themselves, and
    `film_milliseconds` how long its films are;
    `sound_milliseconds` is how much it heard or spoke.
    """

    input_fresh: int = 0
    input_cache_read: int = 0
    input_cache_write: int = 0
    output_visible: int = 0
    output_reasoning: int = 0
    images: int = 0
    film_milliseconds: int = 0
    sound_milliseconds: int = 0

    @property
    def input(self) -> int:
        """All tokens read."""
        return self.input_fresh + self.input_cache_read + self.input_cache_write

    @property
    def output(self) -> int:
        """All tokens written."""
        return self.output_visible + self.output_reasoning

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_fresh + other.input_fresh,
            self.input_cache_read + other.input_cache_read,
            self.input_cache_write + other.input_cache_write,
            self.output_visible + other.output_visible,
            self.output_reasoning + other.output_reasoning,
            self.images + other.images,
            self.film_milliseconds + other.film_milliseconds,
            self.sound_milliseconds + other.sound_milliseconds,
        )

    def counts(self) -> tuple[int, int, int, int, int]:
        """The counters of tokens, in the order of their definition."""
        return (
            self.input_fresh,
            self.input_cache_read,
            self.input_cache_write,
            self.output_visible,
            self.output_reasoning,
        )
