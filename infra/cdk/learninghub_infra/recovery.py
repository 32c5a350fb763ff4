"""AWS Backup: a snapshot of the database each month, kept a year. Days are RDS's own work, seconds its log's."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig

SERVICE_POLICY = "service-role/AWSBackupServiceRolePolicyForBackup"


class Recovery(Construct):
    """A recovery point of RDS cannot move to cold storage: warm for its year."""

    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, database_arn: str, key: kms.IKey) -> None:
        super().__init__(scope, name)
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name="learninghub",
            encryption_key=key,
            removal_policy=RemovalPolicy.RETAIN,
            block_recovery_point_deletion=True,
        )
        copies = []
        if config.second_region:
            far = f"arn:aws:backup:{config.second_region}:{config.account}:backup-vault:learninghub-copies"
            copies = [
                backup.BackupPlanCopyActionProps(
                    destination_backup_vault=backup.BackupVault.from_backup_vault_arn(self, "Far", far),
                    delete_after=Duration.days(365),
                )
            ]
        monthly = backup.BackupPlanRule(
            rule_name="monthly",
            backup_vault=vault,
            schedule_expression=events.Schedule.cron(minute="0", hour="2", day="1"),
            start_window=Duration.hours(1),
            completion_window=Duration.hours(8),
            delete_after=Duration.days(365),
            copy_actions=copies or None,
        )
        plan = backup.BackupPlan(self, "Plan", backup_plan_name="learninghub", backup_plan_rules=[monthly])
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(SERVICE_POLICY)],
        )
        acknowledge(
            role,
            "AWS Backup documents its role with this managed policy and changes it with each service it learns.",
            f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{SERVICE_POLICY}]",
        )
        plan.add_selection("Database", role=role, resources=[backup.BackupResource.from_arn(database_arn)])
