"""The region of the copies: backups replicated, a vault for monthly snapshots, and a replica that can be promoted."""

from aws_cdk import (
    Duration,
    RemovalPolicy,
)
from aws_cdk import (
    aws_backup as backup,
)
from aws_cdk import (
    aws_ec2 as ec2,
)
from aws_cdk import (
    aws_kms as kms,
)
from aws_cdk import (
    aws_rds as rds,
)
from aws_cdk import (
    aws_s3 as s3,
)
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig
from learninghub_infra.storage import bucket

CIDR = "10.1.0.0/16"


class SecondRegion(Construct):
    """Named by rule, not by reference: the first region's stack knows the names before this one stands. Deploy this one first
    but for the replica, which needs the database; CloudFormation waits for neither."""

    def __init__(self, scope: Construct, name: str, *, config: EnvConfig) -> None:
        super().__init__(scope, name)
        key = kms.Key(
            self,
            "Key",
            alias="alias/learninghub-backups",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        copies = bucket(
            self,
            "Copies",
            config=config,
            what="copies",
            bucket_name=config.backup_copies,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="old",
                    transitions=[
                        s3.Transition(storage_class=s3.StorageClass.GLACIER, transition_after=Duration.days(30))
                    ],
                    expiration=Duration.days(400),
                    noncurrent_version_expiration=Duration.days(90),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
        )
        acknowledge(
            copies, "Copies are written by replication alone; the first region's log says what was written.", "S1"
        )
        backup.BackupVault(
            self,
            "Vault",
            backup_vault_name="learninghub-copies",
            encryption_key=key,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self._replica(config, key)

    def _replica(self, config: EnvConfig, key: kms.IKey) -> None:
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(CIDR),
            max_azs=2,
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
            ],
        )
        acknowledge(
            vpc,
            "Nothing but a replica lives here, and nothing may reach it before a promotion; there is no traffic to log.",
            "VPC7",
        )
        subnets = rds.SubnetGroup(
            self,
            "Subnets",
            description="The replica's subnets",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="data"),
        )
        group = ec2.SecurityGroup(
            self, "Postgres", vpc=vpc, description="Closed until the replica is promoted", allow_all_outbound=False
        )
        replica = rds.CfnDBInstance(
            self,
            "Replica",
            db_instance_identifier="learninghub-replica-far",
            source_db_instance_identifier=f"arn:aws:rds:{config.region}:{config.account}:db:learninghub",
            source_region=config.region,
            db_instance_class=config.database_class,
            kms_key_id=key.key_arn,
            db_subnet_group_name=subnets.subnet_group_name,
            vpc_security_groups=[group.security_group_id],
            publicly_accessible=False,
            deletion_protection=True,
            auto_minor_version_upgrade=True,
            copy_tags_to_snapshot=True,
        )
        replica.apply_removal_policy(RemovalPolicy.DESTROY)
        acknowledge(replica, "Encrypted under the key it names; the switch itself follows the source.", "RDS2")
        acknowledge(
            replica, "A replica holds nothing of its own; promoted, it is made Multi-AZ by the runbook.", "RDS3"
        )
        acknowledge(replica, "No port is open at all before the promotion.", "RDS11")
