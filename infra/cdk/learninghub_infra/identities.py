"""Pod Identity: what each ServiceAccount may do in AWS, and nothing more. A service that needs nothing has an empty role."""

from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from learninghub.registry import NAMESPACE, SERVICES
from learninghub_infra.base import acknowledge
from learninghub_infra.cluster import NAME
from learninghub_infra.config import EnvConfig

Statements = list[iam.PolicyStatement]
# Their processes call `learninghub.storage`, or the door of media, which does. A file's name is its hash: it tells no owner.
KEEP_FILES = (
    "media-service",
    "certificate-service",
    "content-service",
    "payment-service",
    "user-service",
    "notification-service",  # its mails bring invoices
)


class Identities(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, cluster: eks.Cluster, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self._config, self._cluster = config, cluster
        services = {service: self._files() for service in KEEP_FILES}
        for service in SERVICES:
            self._identity(service.name, NAMESPACE, service.name, services.get(service.name, []))
        self._identity("backup", NAMESPACE, "backup", self._backup(key))
        self._identity("external-secrets", "external-secrets", "external-secrets", self._parameters())
        self._identity("autoscaler", "kube-system", "cluster-autoscaler", self._autoscaling())
        self._identity("load-balancer", "kube-system", "aws-load-balancer-controller", self._targets())
        self._identity("observability", "amazon-cloudwatch", "cloudwatch-agent", self._telemetry())

    def _identity(self, label: str, namespace: str, account: str, statements: Statements) -> None:
        principal = iam.ServicePrincipal(
            "pods.eks.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self._config.account}}
        ).with_session_tags()
        role = iam.Role(
            self, label, role_name=f"learninghub-{label}", assumed_by=principal, description=f"{namespace}/{account}"
        )
        for statement in statements:
            role.add_to_policy(statement)
        eks.CfnPodIdentityAssociation(
            self,
            f"{label}-association",
            cluster_name=self._cluster.cluster_name,
            namespace=namespace,
            service_account=account,
            role_arn=role.role_arn,
        )
        for statement in statements:
            for resource in statement.resources:
                if "*" in resource:
                    acknowledge(
                        role,
                        "Objects under this prefix are what the pod is there for; their names are not known before.",
                        f"IAM5[Resource::{resource}]",
                    )

    def _files(self) -> Statements:
        """Whoever lists nothing is told 403, not 404, of an object that is not there."""
        return [
            self._objects("media", "*", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[f"arn:aws:s3:::{self._config.bucket('media')}"]),
        ]

    def _backup(self, key: kms.IKey) -> Statements:
        return [
            self._objects("backups", "postgres/*", "s3:PutObject", "s3:AbortMultipartUpload"),
            iam.PolicyStatement(actions=["kms:GenerateDataKey", "kms:Decrypt"], resources=[key.key_arn]),
        ]

    def _parameters(self) -> Statements:
        place = f"{self._config.region}:{self._config.account}"
        return [
            iam.PolicyStatement(
                actions=["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
                resources=[f"arn:aws:ssm:{place}:parameter{self._config.parameters}/*"],
            ),
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue"],
                resources=[f"arn:aws:secretsmanager:{place}:secret:{self._config.parameters.strip('/')}/*"],
            ),
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[f"arn:aws:kms:{place}:key/*"],
                conditions={
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": ["alias/learninghub-data", "alias/aws/ssm"]}
                },
            ),
        ]

    def _autoscaling(self) -> Statements:
        ours = {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{NAME}": "owned"}}
        return [
            iam.PolicyStatement(
                actions=[
                    "autoscaling:DescribeAutoScalingGroups",
                    "autoscaling:DescribeAutoScalingInstances",
                    "autoscaling:DescribeLaunchConfigurations",
                    "autoscaling:DescribeScalingActivities",
                    "ec2:DescribeImages",
                    "ec2:DescribeInstanceTypes",
                    "ec2:DescribeLaunchTemplateVersions",
                    "ec2:GetInstanceTypesFromInstanceRequirements",
                    "eks:DescribeNodegroup",
                ],
                resources=["*"],
            ),
            iam.PolicyStatement(
                actions=["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
                resources=["*"],
                conditions=ours,
            ),
        ]

    def _targets(self) -> Statements:
        """The load balancer is CDK's; the controller only puts pods' addresses into its target group."""
        place = f"{self._config.region}:{self._config.account}"
        return [
            iam.PolicyStatement(
                actions=["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
                resources=[f"arn:aws:elasticloadbalancing:{place}:targetgroup/learninghub-gateway/*"],
            ),
            iam.PolicyStatement(
                actions=[
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                    "elasticloadbalancing:DescribeTargetGroupAttributes",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeInstances",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                ],
                resources=["*"],
            ),
        ]

    def _telemetry(self) -> Statements:
        group = f"arn:aws:logs:{self._config.region}:{self._config.account}:log-group:/learninghub/*"
        insights = (
            f"arn:aws:logs:{self._config.region}:{self._config.account}:log-group:/aws/containerinsights/{NAME}/*"
        )
        return [
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:CreateLogGroup"],
                resources=[group, insights],
            ),
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": ["ContainerInsights", "LearningHub"]}},
            ),
            iam.PolicyStatement(
                actions=[
                    "xray:PutTraceSegments",
                    "xray:PutTelemetryRecords",
                    "xray:GetSamplingRules",
                    "xray:GetSamplingTargets",
                    "ec2:DescribeVolumes",
                    "ec2:DescribeTags",
                ],
                resources=["*"],
            ),
        ]

    def _objects(self, what: str, pattern: str, *actions: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=list(actions), resources=[f"arn:aws:s3:::{self._config.bucket(what)}/{pattern}"]
        )
