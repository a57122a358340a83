"""Where texts are spoken and sound is heard.

Floor 6.
"""

from collections.abc import Mapping

from seedbed.api.dialect import Dialect
from seedbed.api.openai.audio.speech import Speech
from seedbed.api.openai.audio.transcriptions import Transcriptions, Translations

CALLS: Mapping[tuple[str, str], Dialect] = {
    ("POST", "/v1/audio/speech"): Speech(),
    ("POST", "/v1/audio/transcriptions"): Transcriptions(),
    ("POST", "/v1/audio/translations"): Translations(),
}
