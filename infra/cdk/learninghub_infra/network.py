"""VPC 10.0.0.0/16: the four drawn subnets and their siblings, NAT, NACLs and security groups per tier, flow logs, bastion."""

import jsii
from aws_cdk import CfnOutput
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import VPC_CIDR, EnvConfig, cidrs

GATEWAY_PORT = 3000
POSTGRES, REDIS, AMQPS, RABBIT_CONSOLE = 5432, 6379, 5671, 443
CLOUDFRONT_PREFIX_LIST = "pl-3b927c52"  # com.amazonaws.global.cloudfront.origin-facing in us-east-1


@jsii.implements(ec2.IIpAddresses)
class AddressPlan:
    """Gives the VPC the ranges of the table, where CDK would divide the range by itself."""

    def allocate_vpc_cidr(self) -> ec2.VpcIpamOptions:
        return ec2.VpcIpamOptions(cidr_block=VPC_CIDR)

    def allocate_subnets_cidr(self, *, requested_subnets: list, vpc_cidr: str) -> ec2.SubnetIpamOptions:
        ranges = {tier: iter(cidrs(tier)) for tier in ("public", "app", "data")}
        tiers = [_tier(requested) for requested in requested_subnets]
        return ec2.SubnetIpamOptions(allocated_subnets=[ec2.AllocatedSubnet(cidr=next(ranges[tier])) for tier in tiers])


def _tier(requested: object) -> str:
    """jsii hands structs or plain mappings, as it likes."""
    fields = getattr(requested, "_values", requested)
    configuration = fields["configuration"]
    return getattr(configuration, "_values", configuration)["name"]


class Network(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, log_bucket: s3.IBucket) -> None:
        super().__init__(scope, name)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            vpc_name="learninghub",
            ip_addresses=AddressPlan(),
            max_azs=3,
            nat_gateways=config.nat_gateways,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="public", subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="app", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
            gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
            flow_logs={
                "Archive": ec2.FlowLogOptions(
                    destination=ec2.FlowLogDestination.to_s3(log_bucket, "logs/flow/"),
                    traffic_type=ec2.FlowLogTrafficType.ALL,
                )
            },
        )
        self.public = ec2.SubnetSelection(subnet_group_name="public")
        self.app = ec2.SubnetSelection(subnet_group_name="app")
        self.data = ec2.SubnetSelection(subnet_group_name="data")
        self._security_groups()
        self._network_acls()
        acknowledge(
            self,
            "The drawing asks for a network ACL for each tier beside the security groups; both are kept, and tested.",
            "VPC3",
        )
        if config.bastion:
            self._bastion()

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self,
            name,
            vpc=self.vpc,
            description=description,
            allow_all_outbound=name in {"Nodes", "Staging", "Bastion"},
        )

    def _security_groups(self) -> None:
        self.load_balancer_group = self._group("LoadBalancer", "The load balancer: CloudFront in, gateway pods out")
        self.node_group = self._group("Nodes", "EKS nodes and their pods")
        self.postgres_group = self._group("Postgres", "RDS and its replicas")
        self.redis_group = self._group("Redis", "ElastiCache")
        self.broker_group = self._group("Broker", "Amazon MQ")
        https = ec2.Port.tcp(443)
        self.load_balancer_group.add_ingress_rule(
            ec2.Peer.prefix_list(CLOUDFRONT_PREFIX_LIST), https, "CloudFront alone"
        )
        self.load_balancer_group.add_egress_rule(self.node_group, ec2.Port.tcp(GATEWAY_PORT), "To the gateway's pods")
        self.node_group.add_ingress_rule(
            self.load_balancer_group, ec2.Port.tcp(GATEWAY_PORT), "The load balancer to the gateway"
        )
        self.node_group.add_ingress_rule(
            self.node_group, ec2.Port.all_traffic(), "Pod to pod; the network policies say which"
        )
        for group, port, what in (
            (self.postgres_group, POSTGRES, "PostgreSQL"),
            (self.redis_group, REDIS, "Redis over TLS"),
            (self.broker_group, AMQPS, "AMQP over TLS"),
            (self.broker_group, RABBIT_CONSOLE, "RabbitMQ's management API, for scaling by queue length"),
        ):
            group.add_ingress_rule(self.node_group, ec2.Port.tcp(port), f"{what} from the pods")

    def _network_acls(self) -> None:
        """Stateless: what may come in, and the ephemeral ports of answers. The groups above are the finer sieve."""
        anywhere = ("0.0.0.0/0",)
        inside = (VPC_CIDR,)
        self._acl("public", self.public, [(anywhere, 443, 443), (inside, 0, 65535), (anywhere, 1024, 65535)])
        self._acl("app", self.app, [(inside, 0, 65535), (anywhere, 1024, 65535)])
        pods = cidrs("app")
        data = cidrs("data")
        self._acl(
            "data",
            self.data,
            [
                (pods, POSTGRES, POSTGRES),
                (pods, REDIS, REDIS),
                (pods, AMQPS, AMQPS),
                (pods, RABBIT_CONSOLE, RABBIT_CONSOLE),
                (data, 0, 65535),
            ],
            egress=[(pods, 1024, 65535), (data, 0, 65535)],
        )

    def _acl(self, tier: str, subnets: ec2.SubnetSelection, ingress: list, egress: list | None = None) -> None:
        acl = ec2.NetworkAcl(
            self, f"{tier.title()}Acl", vpc=self.vpc, subnet_selection=subnets, network_acl_name=f"learninghub-{tier}"
        )
        ways = ((ec2.TrafficDirection.INGRESS, ingress), (ec2.TrafficDirection.EGRESS, egress))
        for direction, rules in ways:
            if rules is None:
                self._entry(acl, direction, 100, ec2.AclCidr.any_ipv4(), ec2.AclTraffic.all_traffic())
                continue
            numbered = enumerate(((cidr, low, high) for ranges, low, high in rules for cidr in ranges), start=1)
            for number, (cidr, low, high) in numbered:
                self._entry(
                    acl, direction, number * 10, ec2.AclCidr.ipv4(cidr), ec2.AclTraffic.tcp_port_range(low, high)
                )
            if tier == "app" and direction == ec2.TrafficDirection.INGRESS:  # DNS, and its answers
                self._entry(acl, direction, 900, ec2.AclCidr.any_ipv4(), ec2.AclTraffic.udp_port_range(1024, 65535))
                self._entry(acl, direction, 910, ec2.AclCidr.ipv4(VPC_CIDR), ec2.AclTraffic.udp_port(53))

    @staticmethod
    def _entry(
        acl: ec2.NetworkAcl, direction: ec2.TrafficDirection, number: int, cidr: ec2.AclCidr, traffic: ec2.AclTraffic
    ) -> None:
        way = "In" if direction == ec2.TrafficDirection.INGRESS else "Out"
        acl.add_entry(f"{way}{number}", cidr=cidr, rule_number=number, traffic=traffic, direction=direction)

    def _bastion(self) -> None:
        group = self._group("Bastion", "Reached through Session Manager; no port is open")
        bastion = ec2.BastionHostLinux(
            self,
            "BastionHost",
            vpc=self.vpc,
            subnet_selection=self.public,
            security_group=group,
            instance_type=ec2.InstanceType("t3.micro"),
            require_imdsv2=True,
            block_devices=[
                ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True))
            ],
        )
        self.postgres_group.add_ingress_rule(group, ec2.Port.tcp(POSTGRES), "An operator at the bastion")
        CfnOutput(self, "BastionId", value=bastion.instance_id)
        acknowledge(
            bastion,
            "The bastion is thrown away and made anew; nothing on it needs protection from termination.",
            "EC29",
        )
        acknowledge(
            bastion, "The bastion lives for hours; minute-by-minute metrics would cost more than the machine.", "EC28"
        )
        acknowledge(
            bastion,
            "CDK's bastion speaks to Session Manager, whose messages name no resource that a policy could.",
            "IAM5[Resource::*]",
            "IAM5[Action::ssmmessages:*]",
            "IAM5[Action::ec2messages:*]",
        )
