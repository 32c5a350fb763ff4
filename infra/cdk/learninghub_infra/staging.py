"""Staging as drawn: one EC2 machine with Docker Compose, reached through Session Manager, asleep at night."""

from aws_cdk import (
    CfnOutput,
    Stack,
    TimeZone,
)
from aws_cdk import (
    aws_ec2 as ec2,
)
from aws_cdk import (
    aws_ecr as ecr,
)
from aws_cdk import (
    aws_iam as iam,
)
from aws_cdk import (
    aws_s3 as s3,
)
from aws_cdk import (
    aws_scheduler as scheduler,
)
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig
from learninghub_infra.storage import bucket

COMPOSE = "https://github.com/docker/compose/releases/download/v2.40.3/docker-compose-linux-x86_64"
FOLDER = "/opt/learninghub"
CORE = "AmazonSSMManagedInstanceCore"


class Staging(Construct):
    """Jenkins sends `compose.staging.yaml` and the digest by Systems Manager; secrets are read at start, under /learninghub/staging."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        config: EnvConfig,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection,
        images: ecr.IRepository,
    ) -> None:
        super().__init__(scope, name)
        group = ec2.SecurityGroup(
            self, "Group", vpc=vpc, description="Reached through Session Manager; no port is open"
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(CORE)],
        )
        images.grant_pull(role)
        parameters = f"arn:aws:ssm:{config.region}:{config.account}:parameter/learninghub/staging/*"
        role.add_to_policy(
            iam.PolicyStatement(actions=["ssm:GetParametersByPath", "ssm:GetParameter"], resources=[parameters])
        )
        self._files(config, role)
        acknowledge(
            role,
            "Session Manager documents its machines with this managed policy.",
            f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{CORE}]",
        )
        acknowledge(
            role,
            "Staging reads its own settings, whatever their names, and nobody else's.",
            f"IAM5[Resource::{parameters}]",
        )
        acknowledge(role, "Logging in to ECR is an action without a resource.", "IAM5[Resource::*]")
        setup = ec2.UserData.for_linux()
        setup.add_commands(
            "set -eu",
            "dnf install -y docker",
            "systemctl enable --now docker",
            "install -d /usr/local/lib/docker/cli-plugins " + FOLDER,
            f"curl -fsSLo /usr/local/lib/docker/cli-plugins/docker-compose {COMPOSE}",
            "chmod +x /usr/local/lib/docker/cli-plugins/docker-compose",
        )
        self.machine = ec2.Instance(
            self,
            "Machine",
            instance_name="learninghub-staging",
            vpc=vpc,
            vpc_subnets=subnets,
            security_group=group,
            instance_type=ec2.InstanceType("t3.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            role=role,
            user_data=setup,
            require_imdsv2=True,
            detailed_monitoring=True,
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=ec2.BlockDeviceVolume.ebs(40, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3),
                )
            ],
        )
        acknowledge(self.machine, "Staging is made anew from its template; what it holds are demo courses.", "EC29")
        self._nights(config)
        CfnOutput(self, "MachineId", value=self.machine.instance_id)

    def _files(self, config: EnvConfig, role: iam.Role) -> None:
        """Containers share no disk: what is uploaded lies in a bucket, as in production."""
        files: s3.Bucket = bucket(self, "Files", config=config, what="staging-files")
        acknowledge(files, "Demo courses: nobody asks who has read them.", "S1")
        every = files.arn_for_objects("*")
        role.add_to_policy(iam.PolicyStatement(actions=["s3:ListBucket"], resources=[files.bucket_arn]))
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], resources=[every])
        )
        acknowledge(role, "A file's name is its hash, unknown before.", f"IAM5[Resource::<{self._id(files)}.Arn>/*]")
        ssm.StringParameter(
            self, "Bucket", parameter_name="/learninghub/staging/media/bucket", string_value=files.bucket_name
        )

    def _id(self, files: s3.Bucket) -> str:
        return str(Stack.of(self).get_logical_id(files.node.default_child))

    def _nights(self, config: EnvConfig) -> None:
        for verb, hour in (("start", "6"), ("stop", "20")):
            action = scheduler_targets.Universal(
                service="ec2",
                action=f"{verb}Instances",
                input=scheduler.ScheduleTargetInput.from_object({"InstanceIds": [self.machine.instance_id]}),
                policy_statements=[
                    iam.PolicyStatement(
                        actions=[f"ec2:{verb.title()}Instances"],
                        resources=[f"arn:aws:ec2:{config.region}:{config.account}:instance/{self.machine.instance_id}"],
                    )
                ],
            )
            scheduler.Schedule(
                self,
                verb.title(),
                schedule_name=f"learninghub-staging-{verb}",
                schedule=scheduler.ScheduleExpression.cron(
                    minute="0", hour=hour, week_day="MON-FRI", time_zone=TimeZone.EUROPE_BERLIN
                ),
                target=action,
            )
