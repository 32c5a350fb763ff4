"""ECR and CodeBuild: one image, scanned, immutable, built for each commit; and what Jenkins may ask of AWS."""

from aws_cdk import (
    Duration,
    RemovalPolicy,
)
from aws_cdk import (
    aws_codebuild as codebuild,
)
from aws_cdk import (
    aws_ecr as ecr,
)
from aws_cdk import (
    aws_eks_v2 as eks,
)
from aws_cdk import (
    aws_iam as iam,
)
from aws_cdk import (
    aws_kms as kms,
)
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig

IMAGE = "learninghub"
KEPT_IMAGES = 50


class Images(Construct):
    """One repository for the one image that runs as every service, and one for the build cache, whose tag moves."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.images = self._repository(
            "Images",
            IMAGE,
            ecr.TagMutability.IMMUTABLE,
            [ecr.LifecycleRule(description="The last releases", max_image_count=KEPT_IMAGES)],
        )
        self.cache = self._repository(
            "Cache",
            f"{IMAGE}-cache",
            ecr.TagMutability.MUTABLE,
            [ecr.LifecycleRule(description="Old layers", max_image_age=Duration.days(30))],
        )

    def _repository(
        self, label: str, name: str, tags: ecr.TagMutability, rules: list[ecr.LifecycleRule]
    ) -> ecr.Repository:
        untagged = ecr.LifecycleRule(
            rule_priority=1, description="Unnamed", tag_status=ecr.TagStatus.UNTAGGED, max_image_age=Duration.days(7)
        )
        return ecr.Repository(
            self,
            label,
            repository_name=name,
            image_scan_on_push=True,
            image_tag_mutability=tags,
            encryption=ecr.RepositoryEncryption.KMS,
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=[untagged, *rules],
        )


class Builds(Construct):
    """Jenkins starts it with a commit; the batch builds the image and its test stage side by side."""

    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, images: Images, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self.project = codebuild.Project(
            self,
            "Image",
            project_name="learninghub-image",
            description="Builds, tests and pushes the image of one commit",
            source=codebuild.Source.git_hub(owner="learninghub", repo="learninghub", webhook=False, clone_depth=1),
            build_spec=codebuild.BuildSpec.from_source_filename("infra/buildspec.yml"),
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.STANDARD_7_0,
                compute_type=codebuild.ComputeType.MEDIUM,
                privileged=True,
            ),
            environment_variables={
                "IMAGES": codebuild.BuildEnvironmentVariable(value=images.images.repository_uri),
                "CACHE": codebuild.BuildEnvironmentVariable(value=images.cache.repository_uri),
            },
            cache=codebuild.Cache.local(codebuild.LocalCacheMode.DOCKER_LAYER, codebuild.LocalCacheMode.SOURCE),
            encryption_key=key,
            concurrent_build_limit=4,
            timeout=Duration.minutes(30),
            queued_timeout=Duration.minutes(30),
        )
        self.project.enable_batch_builds()
        for repository in (images.images, images.cache):
            repository.grant_pull_push(self.project)
        acknowledge(
            self.project,
            "CDK's grant to a build: its own logs and reports, the key of its artefacts, and the ECR log-in, an action without a resource.",
            "IAM5[Resource::*]",
            "IAM5[Action::kms:ReEncrypt*]",
            "IAM5[Action::kms:GenerateDataKey*]",
            "IAM5[Resource::arn:<AWS::Partition>:logs:us-east-1:"
            + config.account
            + ":log-group:/aws/codebuild/<BuildsImage01443674>:*]",
            "IAM5[Resource::arn:<AWS::Partition>:codebuild:us-east-1:"
            + config.account
            + ":report-group/<BuildsImage01443674>-*]",
        )
        acknowledge(
            self.project, "Building an image needs a Docker daemon; the machine is thrown away after each build.", "CB3"
        )


class Pipeline(Construct):
    """The role of the Jenkins agent: start and watch builds, read its settings, release the frontend, and deploy to one namespace."""

    def __init__(
        self, scope: Construct, name: str, *, config: EnvConfig, builds: Builds, images: Images, cluster: eks.Cluster
    ) -> None:
        super().__init__(scope, name)
        place = f"{config.region}:{config.account}"
        settings = f"arn:aws:ssm:{place}:parameter/learninghub/ci/*"
        releases = f"arn:aws:s3:::{config.bucket('static')}/releases/*"
        role = iam.Role(
            self,
            "Jenkins",
            role_name="learninghub-jenkins",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            max_session_duration=Duration.hours(2),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "codebuild:StartBuild",
                    "codebuild:StartBuildBatch",
                    "codebuild:BatchGetBuilds",
                    "codebuild:BatchGetBuildBatches",
                    "codebuild:StopBuild",
                ],
                resources=[builds.project.project_arn],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["ssm:GetParameter", "ssm:GetParametersByPath"], resources=[settings])
        )
        role.add_to_policy(iam.PolicyStatement(actions=["eks:DescribeCluster"], resources=[cluster.cluster_arn]))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["ecr:DescribeImages", "ecr:DescribeImageScanFindings"],
                resources=[images.images.repository_arn],
            )
        )
        role.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[releases]))
        eks.CfnAccessEntry(
            self,
            "Deploys",
            cluster_name=cluster.cluster_name,
            principal_arn=role.role_arn,
            access_policies=[
                eks.CfnAccessEntry.AccessPolicyProperty(
                    policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
                    access_scope=eks.CfnAccessEntry.AccessScopeProperty(type="namespace", namespaces=["backend-prod"]),
                )
            ],
        )
        acknowledge(
            role,
            "Its own settings, and the frontend's releases: names are not known before.",
            f"IAM5[Resource::{settings}]",
            f"IAM5[Resource::{releases}]",
        )
