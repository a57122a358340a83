"""The tools of the house, each by its name.

Floor 7.
"""

from seedbed.api.jobs import Desk
from seedbed.serving.gateway import Gateway
from seedbed.serving.once import Generate
from seedbed.store.artifacts import Artifacts
from seedbed.tools.ask_model import AskModel
from seedbed.tools.embed_texts import EmbedTexts
from seedbed.tools.list_models import ListModels
from seedbed.tools.registry import Registry
from seedbed.tools.submit_batch import SubmitBatch
from seedbed.tools.watch_job import WatchJob


def tools_of(gateway: Gateway, generate: Generate, desk: Desk, artifacts: Artifacts) -> Registry:
    """All of them; a new one is a line here."""
    return Registry(
        [
            ListModels(lambda: gateway.named),
            AskModel(generate),
            EmbedTexts(generate),
            SubmitBatch(desk.jobs, artifacts, desk.clock, desk.currency),
            WatchJob(desk.jobs, desk.following.follow),
        ]
    )
