"""ElastiCache Redis 7 in cluster mode: failover, encrypted on the way and at rest."""

from aws_cdk import SecretValue
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig


class Cache(Construct):
    """One shard with a replica by default; `redis_shards` spreads the keys without another client."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        config: EnvConfig,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection,
        group: ec2.ISecurityGroup,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, name)
        subnet_group = elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            description="The data subnets",
            subnet_ids=vpc.select_subnets(subnet_group_name="data").subnet_ids,
        )
        parameters = elasticache.CfnParameterGroup(
            self,
            "Parameters",
            cache_parameter_group_family="redis7",
            description="Cluster mode; the oldest use goes first when memory is full",
            properties={"cluster-enabled": "yes", "maxmemory-policy": "allkeys-lru"},
        )
        self.group = elasticache.CfnReplicationGroup(
            self,
            "Redis",
            replication_group_id="learninghub",
            replication_group_description="Sessions' live state, answers, limits, and the bus between processes",
            engine="redis",
            engine_version="7.1",
            cache_node_type=config.redis_node,
            cluster_mode="enabled",
            num_node_groups=config.redis_shards,
            replicas_per_node_group=config.redis_replicas,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            kms_key_id=key.key_arn,
            auth_token=SecretValue.ssm_secure(f"{config.parameters}/redis/password").unsafe_unwrap(),
            cache_parameter_group_name=parameters.ref,
            cache_subnet_group_name=subnet_group.ref,
            security_group_ids=[group.security_group_id],
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=1,
            port=6379,
        )
        acknowledge(
            self.group,
            "The standard port is closed to all but the pods; another number hides nothing from who is inside.",
            "AEC5",
        )
