"""The kernel's name and start-up."""

from django.apps import AppConfig


class LearningHubConfig(AppConfig):
    name = "learninghub"
    label = "learninghub"

    def ready(self) -> None:
        from django.conf import settings

        from learninghub import breaker, redis
        from learninghub.http import checks  # noqa: F401
        from learninghub.metrics import BREAKER, pools

        shown = {breaker.State.CLOSED: 0.0, breaker.State.HALF_OPEN: 0.5, breaker.State.OPEN: 1.0}
        breaker.on_change(lambda name, state: BREAKER.labels(name).set(shown[state]))
        redis.use(settings.REDIS_URL)
        pools.show()
