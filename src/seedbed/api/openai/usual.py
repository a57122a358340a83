"""The model of an ask that names none, which some of OpenAI's calls allow.

Floor 6.
"""

from collections.abc import Mapping

from seedbed.core.ask import AnyAsk
from seedbed.core.errors import RequestMalformed
from seedbed.serving.deployment import LiveDeployment


class Usual:
    """Chooses among the models `named`: the `default`, or else the only one that can serve."""

    def __init__(self, named: Mapping[str, LiveDeployment], default: str = "") -> None:
        self._named, self._default = named, default

    def model_for(self, ask: AnyAsk) -> str:
        """The name of the model that is asked.

        Raises:
            RequestMalformed: no model can serve it, or several can and none is the default.
        """
        able = [name for name, live in self._named.items() if ask.needs <= live.engine.features]
        models = dict.fromkeys(self._named[name].deployment.model.name for name in able)
        if self._default in able:
            return self._default
        if len(models) == 1:
            return next(iter(models))
        several = f"{len(models)} models here can" if models else "no model here can"
        raise RequestMalformed(
            f"Field 'model' is missing, and {several} serve this request.",
            hint=f"Name one of {', '.join(models)}; the setting `default_model` names the usual."
            if models
            else "GET /v1/models tells what each model serves.",
            field="model",
        )
