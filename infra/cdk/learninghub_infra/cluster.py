"""EKS: managed control plane, nodes on demand for the web and on spot for workers, add-ons, and the drawn service addresses."""

import json

from aws_cdk import CfnTag, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import SERVICE_CIDR, EnvConfig
from learninghub_infra.network import Network

VERSION = eks.KubernetesVersion.V1_36
NAME = "learninghub"
SPOT_TYPES = ("t3.large", "t3a.large", "m6i.large", "m5.large")
NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKS_CNI_Policy",
    "AmazonSSMManagedInstanceCore",
)
# The CNI enforces no network policy unless told to; prefixes raise the pods of a t3.large from 35 to 110.
CNI = {"enableNetworkPolicy": "true", "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}}
ADDONS: dict[str, dict | None] = {
    "vpc-cni": CNI,
    "kube-proxy": None,
    "coredns": {"replicaCount": 2},
    "eks-pod-identity-agent": None,
    "metrics-server": None,
    "amazon-cloudwatch-observability": None,  # container logs, pod metrics, and the OTLP receiver that feeds X-Ray
}


class Cluster(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, network: Network, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self.cluster = eks.Cluster(
            self,
            "Eks",
            cluster_name=NAME,
            version=VERSION,
            vpc=network.vpc,
            vpc_subnets=[network.app],
            service_ipv4_cidr=SERVICE_CIDR,
            default_capacity_type=eks.DefaultCapacityType.NODEGROUP,
            default_capacity=0,
            endpoint_access=eks.EndpointAccess.PRIVATE,
            secrets_encryption_key=key,
            bootstrap_cluster_creator_admin_permissions=False,
            cluster_logging=list(eks.ClusterLoggingTypes),
        )
        self.role = self._node_role()
        template = self._template(network)
        self._nodes("web", "t3", (config.web_node,), config.web_nodes, template, network, eks.CapacityType.ON_DEMAND)
        self._nodes("workers", "spot", SPOT_TYPES, config.spot_nodes, template, network, eks.CapacityType.SPOT)
        for addon, settings in ADDONS.items():
            eks.CfnAddon(
                self,
                f"Addon-{addon}",
                cluster_name=self.cluster.cluster_name,
                addon_name=addon,
                resolve_conflicts="OVERWRITE",
                configuration_values=json.dumps(settings) if settings else None,
            )
        acknowledge(
            self.cluster,
            "EKS documents its control plane with this managed policy; AWS keeps it in step with what the plane does.",
            "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonEKSClusterPolicy]",
        )

    def _node_role(self) -> iam.Role:
        role = iam.Role(
            self,
            "NodeRole",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(policy) for policy in NODE_POLICIES],
        )
        acknowledge(
            role,
            "EKS documents its nodes with these managed policies; what pods may do is given to pods, by Pod Identity.",
            *(f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{policy}]" for policy in NODE_POLICIES),
        )
        return role

    def _template(self, network: Network) -> ec2.CfnLaunchTemplate:
        disk = ec2.CfnLaunchTemplate.EbsProperty(
            encrypted=True, volume_size=40, volume_type="gp3", delete_on_termination=True
        )
        return ec2.CfnLaunchTemplate(
            self,
            "NodeTemplate",
            launch_template_data=ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(
                security_group_ids=[self.cluster.cluster_security_group_id, network.node_group.security_group_id],
                block_device_mappings=[
                    ec2.CfnLaunchTemplate.BlockDeviceMappingProperty(device_name="/dev/xvda", ebs=disk)
                ],
                metadata_options=ec2.CfnLaunchTemplate.MetadataOptionsProperty(
                    http_tokens="required", http_put_response_hop_limit=1
                ),
                monitoring=ec2.CfnLaunchTemplate.MonitoringProperty(enabled=True),
                tag_specifications=[
                    ec2.CfnLaunchTemplate.TagSpecificationProperty(
                        resource_type="instance", tags=[CfnTag(key="Name", value="learninghub-node")]
                    )
                ],
            ),
        )

    def _nodes(
        self,
        name: str,
        role: str,
        types: tuple[str, ...],
        bounds: tuple[int, int],
        template: ec2.CfnLaunchTemplate,
        network: Network,
        capacity: eks.CapacityType,
    ) -> None:
        """Between the bounds the cluster autoscaler decides; it finds the groups by their tags."""
        low, high = bounds
        spot = capacity == eks.CapacityType.SPOT
        group = self.cluster.add_nodegroup_capacity(
            name.title(),
            nodegroup_name=name,
            ami_type=eks.NodegroupAmiType.AL2023_X86_64_STANDARD,
            capacity_type=capacity,
            instance_types=[ec2.InstanceType(one) for one in types],
            min_size=low,
            max_size=high,
            desired_size=low,
            node_role=self.role,
            subnets=network.app,
            labels={"learninghub.com/nodes": name},
            taints=[eks.TaintSpec(key="learninghub.com/spot", value="true", effect=eks.TaintEffect.NO_SCHEDULE)]
            if spot
            else None,
            enable_node_auto_repair=True,
            max_unavailable=1,
            launch_template_spec=eks.LaunchTemplateSpec(id=template.ref, version=template.attr_latest_version_number),
        )
        Tags.of(group).add("k8s.io/cluster-autoscaler/enabled", "true")
        Tags.of(group).add(f"k8s.io/cluster-autoscaler/{NAME}", "owned")
