"""The tools of the house, each by its name.

Floor 7.
"""

from seedbed.api.films.films import Films
from seedbed.api.images.delivery import Gallery
from seedbed.knowledge.search import Searching
from seedbed.media.finding import Finding
from seedbed.serving.gateway import Gateway
from seedbed.serving.once import Generate
from seedbed.tools.ask_model import AskModel
from seedbed.tools.create_video import CreateVideo
from seedbed.tools.embed_texts import EmbedTexts
from seedbed.tools.find_marks import FindMarks
from seedbed.tools.generate_image import GenerateImage
from seedbed.tools.list_models import ListModels
from seedbed.tools.registry import Registry
from seedbed.tools.search_knowledge import SearchKnowledge
from seedbed.tools.submit_batch import SubmitBatch
from seedbed.tools.watch_job import WatchJob


def tools_of(
    gateway: Gateway, generate: Generate, films: Films, searching: Searching, finding: Finding
) -> Registry:
    """All of them; a new one is a line here."""
    desk, artifacts = films.desk, films.files.artifacts
    gallery = Gallery(artifacts, films.shelf.links, desk.clock)
    return Registry(
        [
            ListModels(lambda: gateway.named),
            AskModel(generate),
            EmbedTexts(generate),
            GenerateImage(generate, gallery.keep),
            CreateVideo(films.begin_alone),
            FindMarks(finding),
            SearchKnowledge(searching),
            SubmitBatch(desk.jobs, artifacts, desk.clock, desk.currency),
            WatchJob(desk.jobs, desk.following.follow),
        ]
    )
