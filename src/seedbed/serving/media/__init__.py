"""Floor 4. Media in an ask, made into what its model takes before it goes on its road.

On this floor, since it takes artifacts from the store and deployments' features, and every door's
asks come by; what takes media apart knows neither and is in `kit/media`.
"""
