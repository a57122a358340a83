"""What an ask may need of an engine, and how urgent it may be.

Floor 1.
"""

from enum import StrEnum


class Feature(StrEnum):
    """What an ask may need, and an engine may serve."""

    CHAT = "chat"
    """Messages answered in the model's own template."""
    COMPLETION = "completion"
    """A text that is continued as it is."""
    EMBEDDING = "embedding"
    RERANK = "rerank"
    TOOLS = "tools"
    JSON = "json"
    SCHEMA = "schema"
    REGEX = "regex"
    GRAMMAR = "grammar"
    REASONING = "reasoning"
    MEDIA = "media"
    LOGPROBS = "logprobs"
    CHOICES = "choices"
    IMAGES = "images"
    """Pictures painted from a text."""
    IMAGE_EDIT = "image_edit"
    """Pictures painted from others."""
    VIDEOS = "videos"
    """Films."""
    SCENES = "scenes"
    """Pictures and films of a Scene, and some frames of a film alone."""
    SPEECH = "speech"
    """Texts spoken."""
    LISTENING = "listening"
    """The words in a sound."""
    TOKENS = "tokens"
    """Texts cut into the model's own tokens, and prompts counted in them, without an answer."""


class Priority(StrEnum):
    """Who goes first when not all can go at once."""

    INTERACTIVE = "interactive"
    DEFAULT = "default"
    BATCH = "batch"
