"""RDS PostgreSQL 15: Multi-AZ, KMS, TLS enforced, point-in-time recovery, and replicas that reads may use."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig

VERSION = "15.17"
# Bundle that clients check the server's certificate against: sslmode=verify-full in DATABASE_URL.
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
INSIGHTS_DAYS = 7  # the free span of Performance Insights, now called Database Insights, standard


class Database(Construct):
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
        self._config, self._key = config, key
        self._group = group
        self._subnets = rds.SubnetGroup(self, "Subnets", description="The data subnets", vpc=vpc, vpc_subnets=subnets)
        self._parameters = rds.CfnDBParameterGroup(
            self,
            "Parameters",
            family="postgres15",
            description="TLS enforced; slow statements logged; room for the pools of every pod",
            parameters={
                "rds.force_ssl": "1",
                "ssl_min_protocol_version": "TLSv1.2",
                "log_min_duration_statement": "500",
                "log_lock_waits": "1",
                "idle_in_transaction_session_timeout": "60000",
                "max_connections": "400",
            },
        )
        self._watching = iam.Role(
            self,
            "EnhancedMonitoring",
            assumed_by=iam.ServicePrincipal("monitoring.rds.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonRDSEnhancedMonitoringRole")
            ],
        )
        acknowledge(
            self._watching,
            "Enhanced monitoring is documented with this managed policy, which writes to its own log group alone.",
            "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]",
        )
        self.primary = self._primary()
        self.replicas = [self._replica(number) for number in range(1, config.replica_count + 1)]

    def _shared(self) -> dict[str, object]:
        return {
            "db_instance_class": self._config.database_class,
            "db_parameter_group_name": self._parameters.ref,
            "vpc_security_groups": [self._group.security_group_id],
            "ca_certificate_identifier": CERTIFICATE_AUTHORITY,
            "enable_performance_insights": True,
            "performance_insights_kms_key_id": self._key.key_arn,
            "performance_insights_retention_period": INSIGHTS_DAYS,
            "database_insights_mode": "standard",
            "monitoring_interval": 60,
            "monitoring_role_arn": self._watching.role_arn,
            "enable_cloudwatch_logs_exports": ["postgresql", "upgrade"],
            "auto_minor_version_upgrade": True,
            "copy_tags_to_snapshot": True,
            "deletion_protection": True,
            "publicly_accessible": False,
            "storage_type": "gp3",
        }

    def _primary(self) -> rds.CfnDBInstance:
        primary = rds.CfnDBInstance(
            self,
            "Primary",
            db_instance_identifier="learninghub",
            engine="postgres",
            engine_version=VERSION,
            db_name="learninghub",
            master_username="hub_owner",
            manage_master_user_password=True,  # kept and rotated by RDS; the pods' own role has another password
            master_user_secret=rds.CfnDBInstance.MasterUserSecretProperty(kms_key_id=self._key.key_arn),
            multi_az=True,
            allocated_storage=str(self._config.database_gib),
            max_allocated_storage=self._config.database_max_gib,
            storage_encrypted=True,
            kms_key_id=self._key.key_arn,
            backup_retention_period=7,  # daily, and every five minutes of log: recovery to any second of a week
            preferred_backup_window="03:00-04:00",
            preferred_maintenance_window="sun:04:30-sun:05:30",
            delete_automated_backups=False,
            db_subnet_group_name=self._subnets.subnet_group_name,
            **self._shared(),
        )
        primary.apply_removal_policy(RemovalPolicy.SNAPSHOT)
        acknowledge(
            primary,
            "The standard port is closed to all but the pods; another number hides nothing from who is inside.",
            "RDS11",
        )
        return primary

    def _replica(self, number: int) -> rds.CfnDBInstance:
        replica = rds.CfnDBInstance(
            self,
            f"Replica{number}",
            db_instance_identifier=f"learninghub-replica-{number}",
            source_db_instance_identifier=self.primary.ref,
            **self._shared(),
        )
        replica.apply_removal_policy(RemovalPolicy.DESTROY)
        acknowledge(
            replica, "A replica is encrypted as its source is; CloudFormation refuses the property on it.", "RDS2"
        )
        acknowledge(
            replica, "A replica holds nothing of its own; reads fall back to the primary when it is away.", "RDS3"
        )
        acknowledge(
            replica,
            "The standard port is closed to all but the pods; another number hides nothing from who is inside.",
            "RDS11",
        )
        return replica
