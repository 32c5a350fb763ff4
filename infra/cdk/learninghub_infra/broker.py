"""Amazon MQ for RabbitMQ: a cluster of three, one a zone; its quorum queues live through the loss of any one."""

from aws_cdk import aws_amazonmq as amazonmq
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig

VERSION = "4.2"  # 4.3 refuses what Celery's control queues need


class Broker(Construct):
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
        # CloudFormation cannot read a SecureString into a broker; Parameter Store reads this secret by its reference path.
        self.secret = secretsmanager.Secret(
            self,
            "Password",
            secret_name=f"{config.parameters.strip('/')}/broker",
            encryption_key=key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template='{"username": "hub"}',
                generate_string_key="password",
                exclude_punctuation=True,
                password_length=40,
            ),
        )
        acknowledge(
            self.secret,
            "RabbitMQ's password changes by a runbook, with both users alive; a rotation function would cut every worker off.",
            "SMG4",
        )
        self.broker = amazonmq.CfnBroker(
            self,
            "RabbitMq",
            broker_name="learninghub",
            engine_type="RABBITMQ",
            engine_version=VERSION,
            deployment_mode="CLUSTER_MULTI_AZ",
            host_instance_type=config.broker_instance,
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            subnet_ids=vpc.select_subnets(subnet_group_name="data").subnet_ids,
            security_groups=[group.security_group_id],
            encryption_options=amazonmq.CfnBroker.EncryptionOptionsProperty(
                use_aws_owned_key=False, kms_key_id=key.key_arn
            ),
            logs=amazonmq.CfnBroker.LogListProperty(general=True),
            maintenance_window_start_time=amazonmq.CfnBroker.MaintenanceWindowProperty(
                day_of_week="SUNDAY", time_of_day="05:30", time_zone="UTC"
            ),
            users=[
                amazonmq.CfnBroker.UserProperty(
                    username="hub", password=self.secret.secret_value_from_json("password").unsafe_unwrap()
                )
            ],
        )
