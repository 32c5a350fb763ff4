from ipaddress import ip_network

from learninghub_infra.config import SERVICE_CIDR, SUBNETS, VPC_CIDR

from learninghub.registry import SERVICES


def rules(templates, group):
    described = {one["GroupDescription"]: one for one in templates.all("EC2::SecurityGroup")}
    return described[group]


def ingress(templates, group_name):
    """(port, from whom) of the ingress rules that name the group by its logical id."""
    found = set()
    for one in templates.all("EC2::SecurityGroupIngress"):
        if group_name in str(one["GroupId"]):
            source = one.get("SourcePrefixListId") or str(one.get("SourceSecurityGroupId"))
            found.add((one.get("FromPort"), source))
    return found


def test_the_vpc_has_the_drawn_range(plain):
    assert plain.one("EC2::VPC")["CidrBlock"] == VPC_CIDR == "10.0.0.0/16"


def test_the_four_drawn_subnets_and_their_five_siblings_lie_in_three_zones(plain):
    made = {one["CidrBlock"]: one["AvailabilityZone"] for one in plain.all("EC2::Subnet")}
    assert made == {subnet.cidr: f"us-east-1{'abc'[subnet.zone]}" for subnet in SUBNETS}
    assert {subnet.cidr for subnet in SUBNETS if subnet.drawn} == {
        "10.0.1.0/24",
        "10.0.10.0/24",
        "10.0.20.0/24",
        "10.0.30.0/24",
    }


def test_only_public_subnets_lead_to_the_internet_gateway(plain):
    assert len(plain.all("EC2::InternetGateway")) == 1
    out = [one for one in plain.all("EC2::Route") if "GatewayId" in one]
    assert len(out) == 3
    assert all("public" in str(one["RouteTableId"]) for one in out)


def test_a_nat_gateway_in_each_zone_carries_what_the_pods_ask_for_outside(plain):
    assert len(plain.all("EC2::NatGateway")) == 3
    through = [one for one in plain.all("EC2::Route") if "NatGatewayId" in one]
    assert len(through) == 3
    assert all("app" in str(one["RouteTableId"]) for one in through)


def test_the_data_subnets_lead_nowhere(plain):
    assert not [one for one in plain.all("EC2::Route") if "data" in str(one["RouteTableId"])]


def test_each_tier_has_one_acl_on_its_three_subnets(plain):
    assert len(plain.all("EC2::NetworkAcl")) == 3
    assert len(plain.all("EC2::SubnetNetworkAclAssociation")) == 9


def test_the_data_acl_admits_pods_on_the_four_ports_and_nothing_from_outside(plain):
    entries = [one for one in plain.all("EC2::NetworkAclEntry", Egress=False) if "Data" in str(one["NetworkAclId"])]
    pods = {"10.0.10.0/24", "10.0.30.0/24", "10.0.40.0/24"}
    data = {"10.0.20.0/24", "10.0.21.0/24", "10.0.22.0/24"}
    allowed = {(one["CidrBlock"], one["PortRange"]["From"]) for one in entries}
    assert allowed == {(cidr, port) for cidr in pods for port in (5432, 6379, 5671, 443)} | {(cidr, 0) for cidr in data}


def test_the_public_acl_admits_https_alone_from_anywhere(plain):
    entries = [
        one
        for one in plain.all("EC2::NetworkAclEntry", Egress=False, CidrBlock="0.0.0.0/0")
        if "Public" in str(one["NetworkAclId"])
    ]
    assert {(one["PortRange"]["From"], one["PortRange"]["To"]) for one in entries} == {(443, 443), (1024, 65535)}


def test_the_load_balancer_admits_cloudfront_alone(plain):
    group = next(one for one in plain.raw("EC2::SecurityGroupIngress") if "SourcePrefixListId" in one["Properties"])[
        "Properties"
    ]
    assert (group["SourcePrefixListId"], group["FromPort"], group["ToPort"]) == ("pl-3b927c52", 443, 443)
    assert not [one for one in plain.all("EC2::SecurityGroup") if one.get("SecurityGroupIngress")]
    assert not [one for one in plain.all("EC2::SecurityGroupIngress") if one.get("CidrIp") == "0.0.0.0/0"]


def test_postgres_redis_and_the_broker_admit_pods_alone(plain):
    for name, ports in (("Postgres", {5432}), ("Redis", {6379}), ("Broker", {5671, 443})):
        found = ingress(plain, f"Network{name}")
        assert {port for port, _ in found} == ports, name
        assert all("NetworkNodes" in source for _, source in found), name


def test_pods_admit_the_load_balancer_on_the_gateways_port_and_each_other(plain):
    found = ingress(plain, "NetworkNodes")
    assert {port for port, source in found if "LoadBalancer" in source} == {3000}
    assert {port for port, source in found if "LoadBalancer" not in source} == {None}


def test_flow_logs_of_all_traffic_go_to_the_archive(plain):
    assert plain.one("EC2::FlowLog")["TrafficType"] == "ALL"
    assert plain.one("EC2::FlowLog")["LogDestinationType"] == "s3"


def test_the_bastion_is_there_by_its_flag_alone_and_opens_no_port(plain, full):
    assert not [one for one in plain.all("EC2::Instance") if "Bastion" in str(one)]
    bastion = next(one for one in full.all("EC2::Instance") if "Bastion" in str(one))
    assert "publicSubnet1" in str(bastion["SubnetId"])
    assert not ingress(full, "NetworkBastion")


def test_the_service_range_holds_every_drawn_address_and_not_the_vpc(plain):
    services = ip_network(SERVICE_CIDR)
    assert all(ip_network(service.cluster_ip).subnet_of(services) for service in SERVICES)
    assert not services.overlaps(ip_network(VPC_CIDR))
    dns = services[10]
    assert str(dns) not in {service.cluster_ip for service in SERVICES}
    assert plain.one("EKS::Cluster")["KubernetesNetworkConfig"]["ServiceIpv4Cidr"] == SERVICE_CIDR
