"""The kernel's name and start-up."""

from django.apps import AppConfig


class LearningHubConfig(AppConfig):
    name = "learninghub"
    label = "learninghub"

    def ready(self) -> None:
        from django.conf import settings

        from learninghub import redis
        from learninghub.http import checks  # noqa: F401
        from learninghub.metrics import breakers, pools

        redis.use(settings.REDIS_URL)
        breakers.show()
        pools.show()
