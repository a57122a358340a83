"""The library's pipeline: answers are handed to it, and stopped, parked and read anew.

Floor 3. A prefix may be used again as soon as it has been read; the library has no way to leave the
cache aside for one ask. Where none of it may show, as many tokens of nothing are read before.

A model that sees pictures is given its prompts as text, for only the library can put pictures among
the tokens. It goes without the cache of prefixes: what that holds for whom could not be known, and
the library tells pictures in it apart by a few of their numbers alone.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino_genai as genai
from openvino_genai.py_openvino_genai import GenerationHandle

from seedbed.engines.formats.base import Form
from seedbed.engines.workers.openvino_answer import Answer
from seedbed.engines.workers.openvino_files import SEES
from seedbed.engines.workers.openvino_form import structured
from seedbed.engines.workers.openvino_known import BLOCK, Known
from seedbed.engines.workers.openvino_pictures import Shown, pixels
from seedbed.engines.workers.openvino_tokens import Tokens

_BATCHED = 256
"""Tokens of a prompt that are read in one step, which is all that other answers wait for."""
_LONGEST_MATCH = 3
"""Tokens after which the library guesses what follows."""
_SEEDS = 1 << 63


class Pipeline:
    """Makes the answers that it holds, a token each a step.

    With `lookup` it guesses tokens ahead, which costs all answers, and only some gain.
    """

    def __init__(self, model: str, *, window: int, places: int, lookup: bool) -> None:
        self.sees = (Path(model) / SEES).is_file()
        """Whether it is a model that sees pictures."""
        scheduler = genai.SchedulerConfig()
        scheduler.num_kv_blocks = places * (window // BLOCK + 1) + 1
        if self.sees:
            scheduler.num_kv_blocks += _BATCHED // BLOCK  # for the prompt that is being measured
        scheduler.max_num_batched_tokens = _BATCHED
        scheduler.max_num_seqs = places
        scheduler.enable_prefix_caching = not self.sees
        properties = {"prompt_lookup": True} if lookup else {}
        self._pipeline = genai.ContinuousBatchingPipeline(model, scheduler, "CPU", properties)
        self._lookup = lookup
        self.tokens = Tokens(self._pipeline.get_tokenizer())
        self._tensor = type(self.tokens.encoded("a"))
        if self.sees:
            self.tokens.take_prompts()
        self._known = Known(blocks=scheduler.num_kv_blocks)
        self._draw = np.random.default_rng()
        self._numbers = 0

    def changes(self, answer: Answer, tokens: int) -> bool:
        """Count a step that brought an answer so many; whether it is better begun anew."""
        return self._lookup and answer.guess.saw(tokens) and answer.can_park

    @property
    def is_busy(self) -> bool:
        """Whether there is anything to do in a step."""
        return self._pipeline.has_non_finished_requests()

    @property
    def metrics(self) -> "genai.PipelineMetrics":
        """What the library says of its last step."""
        return self._pipeline.get_metrics()

    def step(self) -> None:
        """Make one.

        Raises:
            RuntimeError: it failed, and will not work again.
        """
        self._pipeline.step()

    def start(self, answer: Answer, *, piece: bool) -> None:
        """Begin an answer, go on with it, or read the next piece of its prompt.

        Raises:
            RuntimeError: the library refuses it.
        """
        if answer.shown is not None:
            made = self.tokens.decode(answer.text[len(answer.prompt) :])
            config = self.config(answer, answer.form)
            answer.handle = self._show(answer.shown, made, config)
            return
        if not answer.read:
            beside = None if answer.job.fresh else answer.job.owner
            answer.chaff = self._read_nothing(self._known.held(answer.text, beside=beside))
        answer.read += BLOCK
        answer.is_piece = piece and answer.read < len(answer.text)
        if answer.is_piece:
            answer.handle = self._add(answer.text[: answer.read], self._one())
        else:
            answer.handle = self._add(answer.text, self.config(answer, answer.form))

    def measured(self, shown: Shown) -> GenerationHandle:
        """A prompt that is only to be measured: after the next step its handle knows its length.

        Raises:
            RuntimeError: the library refuses it.
        """
        handle = self._show(shown, "", self._one())
        handle.cancel()
        return handle

    def stop(self, answer: Answer) -> None:
        """Have no further token of an answer made; the library lets go of it in its next step."""
        self.note(answer)
        if answer.handle is None:
            return
        answer.handle.cancel()
        answer.handle = None
        if answer.is_piece:
            answer.read -= BLOCK

    def note(self, answer: Answer) -> None:
        """Remember that what was read and made of an answer is in the cache."""
        if not (answer.reads or self.sees):
            self._known.note(answer.text[:-1], answer.job.owner)

    def config(self, answer: Answer, form: Form | None) -> genai.GenerationConfig:
        """The library's words for how an answer is made, held to that form.

        Raises:
            RuntimeError: it is out of range.
        """
        config, how = self._plain(), answer.job.sampled
        config.stop_token_ids = self.tokens.ends
        config.max_new_tokens = answer.left
        config.do_sample = how.temperature > 0
        if config.do_sample:
            config.temperature, config.top_p, config.min_p = how.temperature, how.top_p, how.min_p
            # Who goes on must not draw again as at first.
            config.rng_seed = (answer.job.seed + answer.resumed) % _SEEDS
            if how.top_k:
                config.top_k = how.top_k
        config.frequency_penalty = how.frequency_penalty
        config.presence_penalty = how.presence_penalty
        config.logprobs = int(answer.job.logprobs)
        if form is not None:
            config.structured_output_config = structured(form)
        if self._lookup:
            config.num_assistant_tokens = answer.guess.ahead
        config.validate()
        return config

    def _plain(self) -> genai.GenerationConfig:
        config = genai.GenerationConfig()
        config.set_eos_token_id(self.tokens.end)
        if self._lookup:
            config.num_assistant_tokens, config.max_ngram_size = 1, _LONGEST_MATCH
        return config

    def _one(self) -> genai.GenerationConfig:
        """For what is only to be read: the library makes a token at least."""
        config = self._plain()
        config.max_new_tokens = 1
        return config

    def _show(self, shown: Shown, made: str, config: genai.GenerationConfig) -> GenerationHandle:
        self._numbers += 1
        pictures = [self._tensor(pixels(picture)) for picture in shown.pictures]
        return self._pipeline.add_request(self._numbers, shown.prompt + made, pictures, config)

    def _add(self, ids: Sequence[int], config: genai.GenerationConfig) -> GenerationHandle:
        self._numbers += 1  # never used twice: a live number given again ruins the pipeline
        rows = self._tensor(np.array([ids], dtype=np.int64))
        return self._pipeline.add_request(self._numbers, rows, config)

    def _read_nothing(self, tokens: int) -> GenerationHandle | None:
        """Read so many tokens that nobody has read before."""
        if not tokens:
            return None
        return self._add(self._draw.integers(self.tokens.count, size=tokens).tolist(), self._one())
