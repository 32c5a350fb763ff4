"""Throw-away servers, real ones: `with postgres() as primary, rabbitmq() as broker: ...`.

Each stands on a free port with its data in a temporary folder and has `url`, `start`, `stop`, `kill`, `freeze` and
`thaw`. Where its program is not installed the test is skipped with a reason that begins `needs`. Nothing stays
behind, even where the test run itself is killed.
"""

from tests.support.instances.postgresql import Postgres, Replica, postgres, replica
from tests.support.instances.rabbitmq import Rabbit, rabbitmq
from tests.support.instances.redis_nodes import RedisCluster, RedisServer, redis_cluster, redis_server
from tests.support.instances.server import needs

__all__ = [
    "Postgres", "Rabbit", "RedisCluster", "RedisServer", "Replica",
    "needs", "postgres", "rabbitmq", "redis_cluster", "redis_server", "replica",
]  # fmt: skip
