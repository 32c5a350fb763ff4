"""The seven stacks of the first region, and an eighth in the second: which construct gets what from which."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import Fn, Stack

from learninghub_infra.base import HubStack
from learninghub_infra.broker import Broker
from learninghub_infra.budget import Budget
from learninghub_infra.cache import Cache
from learninghub_infra.cluster import Cluster
from learninghub_infra.config import EnvConfig
from learninghub_infra.database import Database
from learninghub_infra.delivery import Builds, Images, Pipeline
from learninghub_infra.dns import Names, Zone
from learninghub_infra.edge import Site
from learninghub_infra.events import Events
from learninghub_infra.firewall import Firewall, ShieldAdvanced
from learninghub_infra.identities import Identities
from learninghub_infra.ingress import Ingress
from learninghub_infra.network import Network
from learninghub_infra.observability import Observability
from learninghub_infra.parameters import Parameters
from learninghub_infra.recovery import Recovery
from learninghub_infra.second_region import SecondRegion
from learninghub_infra.staging import Staging
from learninghub_infra.storage import Storage
from learninghub_infra.watches import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    zone: Zone
    ingress: Ingress
    site: Site
    names: Names


def build(app: cdk.App, *, config: EnvConfig) -> list[Stack]:
    base, data, front, cluster_stack, delivery, operations = (
        HubStack(app, f"LearningHub{name}", config=config)
        for name in ("Foundation", "Data", "Front", "Cluster", "Delivery", "Operations")
    )
    storage = Storage(base, "Storage", config=config)
    network = Network(base, "Network", config=config, log_bucket=storage.logs)

    place = {"config": config, "vpc": network.vpc, "subnets": network.data, "key": storage.data_key}
    database = Database(data, "Database", group=network.postgres_group, **place)
    cache = Cache(data, "Cache", group=network.redis_group, **place)
    broker = Broker(data, "Broker", group=network.broker_group, **place)

    face = _front(front, config, network, storage)

    cluster = Cluster(cluster_stack, "Cluster", config=config, network=network, key=storage.data_key)
    Identities(cluster_stack, "Identities", config=config, cluster=cluster.cluster, key=storage.backup_key)

    images = Images(delivery, "Images")
    builds = Builds(delivery, "Builds", config=config, images=images, key=storage.data_key)
    Pipeline(delivery, "Pipeline", config=config, builds=builds, images=images, cluster=cluster.cluster)

    watched = Watched(
        balancer=face.ingress.balancer.load_balancer_full_name,
        targets=face.ingress.gateway.target_group_full_name,
        distribution=face.site.distribution.distribution_id,
        health_check=face.names.health_check.attr_health_check_id,
        replicas=config.replica_count,
    )
    observability = Observability(operations, "Observability", config=config, key=storage.data_key, watched=watched)
    Events(operations, "Events", config=config, project=builds.project, topic=observability.topic)
    Recovery(
        operations,
        "Recovery",
        config=config,
        database_arn=database.primary.attr_db_instance_arn,
        key=storage.backup_key,
    )
    Budget(operations, "Budget", config=config)
    Parameters(
        operations,
        "Parameters",
        config=config,
        values={
            "database/host": database.primary.attr_endpoint_address,
            "database/replica-hosts": Fn.join(",", [replica.attr_endpoint_address for replica in database.replicas]),
            "redis/host": cache.group.attr_configuration_end_point_address,
            "broker/endpoint": Fn.select(0, broker.broker.attr_amqp_endpoints),
            "media/bucket": face.site.media.bucket_name,
            "backup/bucket": storage.backups.bucket_name,
        },
    )
    if config.staging:
        stack = HubStack(app, "LearningHubStaging", config=config)
        Staging(stack, "Staging", config=config, vpc=network.vpc, subnets=network.app, images=images.images)
    if config.second_region:
        zones = tuple(f"{config.second_region}{letter}" for letter in "abc")
        SecondRegion(
            HubStack(app, "LearningHubSecondRegion", config=config, region=config.second_region, zones=zones),
            "Copies",
            config=config,
        )
    return [child for child in app.node.children if isinstance(child, Stack)]


def _front(stack: Stack, config: EnvConfig, network: Network, storage: Storage) -> Front:
    zone = Zone(stack, "Dns", config=config)
    ingress = Ingress(
        stack,
        "Ingress",
        config=config,
        network=network,
        certificate=zone.certificate,
        logs=storage.logs,
        key=storage.data_key,
    )
    firewall = Firewall(stack, "Firewall", config=config, logs=storage.logs)
    site = Site(
        stack,
        "Site",
        config=config,
        ingress=ingress,
        firewall=firewall,
        certificate=zone.certificate,
        logs=storage.logs,
    )
    names = Names(stack, "Names", config=config, zone=zone.zone, distribution=site.distribution, ingress=ingress)
    if config.shield_advanced:
        arns = {
            "Distribution": f"arn:aws:cloudfront::{config.account}:distribution/{site.distribution.distribution_id}",
            "Balancer": ingress.balancer.load_balancer_arn,
            "Zone": zone.zone.hosted_zone_arn,
        }
        ShieldAdvanced(stack, "Shield", resources=arns)
    return Front(zone=zone, ingress=ingress, site=site, names=names)
