"""What is watched: every key metric of the drawing and every alarm-worthy one of ours, with its bound."""

from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from learninghub.registry import SERVICES
from learninghub_infra.cluster import NAME

CUSTOM = "LearningHub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """An alarm: a metric, where to find it, and for how many minutes it may be beyond the bound."""

    name: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    bound: float
    minutes: int = 5
    statistic: str = "Average"
    below: bool = False
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the alarms look at, by the names that CloudWatch knows."""

    balancer: str
    targets: str
    distribution: str
    health_check: str
    replicas: int


def custom(
    name: str, metric: str, bound: float, *, minutes: int = 5, statistic: str = "Maximum", **dimensions: str
) -> Watch:
    """A metric of `learninghub.metrics`, carried by the CloudWatch agent; the bound is the one its definition states."""
    return Watch(
        name=name,
        namespace=CUSTOM,
        metric=metric,
        dimensions={"ClusterName": NAME} | dimensions,
        bound=bound,
        minutes=minutes,
        statistic=statistic,
    )


def of_services() -> list[Watch]:
    return [
        custom(
            f"errors-{service.name}",
            "learninghub_requests_total",
            10,
            statistic="Sum",
            Service=service.name,
            status="5xx",
        )
        for service in SERVICES
    ]


def of_the_code() -> list[Watch]:
    return [
        custom("response-time", "learninghub_request_seconds", 0.5, minutes=10, statistic="p95"),
        custom("database-pool-waiting", "learninghub_database_pool_waiting", 0),
        custom("database-pool-timeouts", "learninghub_database_pool_timeouts_total", 0, statistic="Sum"),
        custom("replica-lag-seen", "learninghub_replica_lag_seconds", 5),
        custom("breaker-open", "learninghub_breaker_open", 0),
        custom("outbox-lag", "learninghub_outbox_lag_seconds", 30),
        custom("outbox-depth", "learninghub_outbox_depth", 10_000),
        custom("outbox-parked", "learninghub_outbox_parked", 0, minutes=1),
        custom("queue-depth", "learninghub_queue_depth", 10_000, minutes=10),
        custom("queue-oldest", "learninghub_queue_oldest_seconds", 300),
        custom("dead-letters", "learninghub_dead_letters", 0),
        custom("schedule-late", "learninghub_schedule_late_seconds", 120, minutes=1),
        custom("mails-unknown", "learninghub_mails_unknown", 0, minutes=1),
    ]


def of_aws(watched: Watched) -> list[Watch]:
    alb = {"LoadBalancer": watched.balancer}
    group = alb | {"TargetGroup": watched.targets}
    edge = {"DistributionId": watched.distribution, "Region": "Global"}
    database = {"DBInstanceIdentifier": "learninghub"}
    redis = {"ReplicationGroupId": "learninghub"}
    pods = {"ClusterName": NAME, "Namespace": "backend-prod"}
    broker = {"Broker": "learninghub"}
    replicas = [{"DBInstanceIdentifier": f"learninghub-replica-{number}"} for number in range(1, watched.replicas + 1)]
    return [
        Watch(
            name="api-response-time",
            namespace="AWS/ApplicationELB",
            metric="TargetResponseTime",
            dimensions=group,
            bound=0.5,
            minutes=10,
            statistic="p95",
        ),
        Watch(
            name="api-errors",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_Target_5XX_Count",
            dimensions=group,
            bound=50,
            statistic="Sum",
        ),
        Watch(
            name="balancer-errors",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_ELB_5XX_Count",
            dimensions=alb,
            bound=50,
            statistic="Sum",
        ),
        Watch(
            name="targets-away",
            namespace="AWS/ApplicationELB",
            metric="HealthyHostCount",
            dimensions=group,
            bound=2,
            below=True,
            statistic="Minimum",
            missing=cloudwatch.TreatMissingData.BREACHING,
        ),
        Watch(name="edge-errors", namespace="AWS/CloudFront", metric="5xxErrorRate", dimensions=edge, bound=1),
        Watch(
            name="site-away",
            namespace="AWS/Route53",
            metric="HealthCheckStatus",
            dimensions={"HealthCheckId": watched.health_check},
            bound=1,
            minutes=2,
            below=True,
            statistic="Minimum",
        ),
        Watch(
            name="database-connections",
            namespace="AWS/RDS",
            metric="DatabaseConnections",
            dimensions=database,
            bound=320,
        ),
        Watch(
            name="database-cpu", namespace="AWS/RDS", metric="CPUUtilization", dimensions=database, bound=80, minutes=10
        ),
        Watch(
            name="database-space",
            namespace="AWS/RDS",
            metric="FreeStorageSpace",
            dimensions=database,
            bound=10 * 2**30,
            below=True,
        ),
        *(
            Watch(name=f"replica-{number}-lag", namespace="AWS/RDS", metric="ReplicaLag", dimensions=one, bound=5)
            for number, one in enumerate(replicas, start=1)
        ),
        Watch(
            name="cache-hits",
            namespace="AWS/ElastiCache",
            metric="CacheHitRate",
            dimensions=redis,
            bound=50,
            minutes=30,
            below=True,
        ),
        Watch(
            name="cache-memory",
            namespace="AWS/ElastiCache",
            metric="DatabaseMemoryUsagePercentage",
            dimensions=redis,
            bound=85,
        ),
        Watch(name="cache-cpu", namespace="AWS/ElastiCache", metric="EngineCPUUtilization", dimensions=redis, bound=80),
        Watch(
            name="pods-cpu",
            namespace="ContainerInsights",
            metric="pod_cpu_utilization_over_pod_limit",
            dimensions=pods,
            bound=90,
            minutes=15,
        ),
        Watch(
            name="pods-memory",
            namespace="ContainerInsights",
            metric="pod_memory_utilization_over_pod_limit",
            dimensions=pods,
            bound=90,
        ),
        Watch(
            name="pods-restarts",
            namespace="ContainerInsights",
            metric="pod_number_of_container_restarts",
            dimensions=pods,
            bound=3,
            statistic="Sum",
        ),
        Watch(
            name="nodes-failed",
            namespace="ContainerInsights",
            metric="cluster_failed_node_count",
            dimensions={"ClusterName": NAME},
            bound=0,
        ),
        Watch(
            name="broker-memory",
            namespace="AWS/AmazonMQ",
            metric="RabbitMQMemUsed",
            dimensions=broker,
            bound=6 * 2**30,
            statistic="Maximum",
        ),
        Watch(
            name="broker-disk",
            namespace="AWS/AmazonMQ",
            metric="RabbitMQDiskFree",
            dimensions=broker,
            bound=20 * 2**30,
            below=True,
            statistic="Minimum",
        ),
        Watch(
            name="events-lost",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": "learninghub-events-lost"},
            bound=0,
            statistic="Maximum",
        ),
    ]
