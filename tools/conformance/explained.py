"""Why the vendors' own tests and examples fail here: their words, and what is behind them."""

import re
from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    r"audio/voice.* is not served here": "Voices are those of the models; none is made here.",
    r"moderations is not served here": "Nobody judges until a setting names a model for it.",
    r"videos/(characters|edits|extensions).* is not served": "A film is made anew from another by "
    "`remix`, and not cut, made longer or peopled.",
    r"it is text/plain, and no sound": "The tests send a text where a sound belongs.",
    r"Field 'input' is missing": "The tests ask for an answer to nothing.",
    r"Field 'file_ids' is missing": "The tests put no files into a vector store.",
    r"'files' and 'file_ids' both": "The tests name files twice over, of which one way is served.",
    r"no file 'string'": "The tests name a file that was never sent.",
    r"it is text/plain, and no picture": "The tests send a text as the picture to be changed.",
    r"images/variations is not served": "No engine varies a picture without a prompt.",
    r"responses/compact is not served": "No engine compacts what was said.",
    r"DELETE /v1/models": "A model is taken away by `seedbed models`, and not over HTTP.",
    r"no vector_store.files_batch 'batch_id'": "The tests call two things by one id, of which a "
    "batch has it here.",
    r"no upload.part 'string'": "The tests name parts that nobody sent, and a file is made of "
    "parts that are there.",
    r"Expected `int` >= 1": "The tests ask for nothing at all, by a 0.",
    r"[Ll]imit'? (is )?'?0'?": "The tests ask for a page of nothing.",
    r"Tool .{0,2}name.{0,2} cannot": "The tests offer a tool whose schema is no JSON schema.",
    r"This is no batch": "A batch of messages is checked as a whole before it is taken, and the "
    "tests send every field there is.",
    r"no model 'claude-1.3": "The tests name a model that not even the vendor has any more.",
    r"web_search": "Nobody searches the web here.",
    r"with value 'doubao_app'": "The vendor's own application; none is here.",
    r"sparse_embedding": "Vectors are dense; the models here make no sparse ones.",
    r"server of tools '.*' cannot be had": "It names a server of tools on the internet, which a "
    "measurement without one does not reach.",
    r"multi_agent": "One model answers; no agents are run for it.",
    r"is not served: |with value": "The tests send every field there is, and one that changes the "
    "meaning and is not served is refused by name.",
    r"'user' in \('assistant',\)": "The vendor's type of a message that was kept has the model's "
    "alone, and its door lists what was asked.",
    r"Data returned by API invalid": "Vectors come in base64, for which this client asks where "
    "nothing else is said, and its strict mode looks at them before it reads them.",
}
"""By a pattern in what the SDK raised, the first that fits."""


def because(said: str) -> str | None:
    """Why a test or an example failed that raised this, if anybody has written it down."""
    return next((told for words, told in REASONS.items() if re.search(words, said)), None)
