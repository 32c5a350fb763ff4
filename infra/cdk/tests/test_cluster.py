import json
import re
from pathlib import Path

from learninghub_infra.identities import KEEP_FILES

from learninghub.registry import NAMESPACE, SERVICES

APPS = Path(__file__).resolve().parents[3] / "apps"


def addon(templates, name):
    return templates.one("EKS::Addon", AddonName=name)


def nodes(templates, name):
    return templates.one("EKS::Nodegroup", NodegroupName=name)


def test_a_current_kubernetes_with_a_private_door(plain):
    cluster = plain.one("EKS::Cluster")
    assert cluster["Version"] == "1.36"
    assert (
        cluster["ResourcesVpcConfig"]["EndpointPrivateAccess"],
        cluster["ResourcesVpcConfig"]["EndpointPublicAccess"],
    ) == (True, False)
    assert len(cluster["Logging"]["ClusterLogging"]["EnabledTypes"]) == 5
    assert cluster["EncryptionConfig"][0]["Resources"] == ["secrets"]


def test_three_to_six_nodes_scale_within_their_bounds_and_carry_the_autoscalers_tags(plain):
    bounds = {name: nodes(plain, name)["ScalingConfig"] for name in ("web", "workers")}
    assert bounds["web"] == {"DesiredSize": 2, "MaxSize": 3, "MinSize": 2}
    assert bounds["workers"] == {"DesiredSize": 1, "MaxSize": 3, "MinSize": 1}
    for name in bounds:
        assert nodes(plain, name)["Tags"]["k8s.io/cluster-autoscaler/enabled"] == "true"


def test_workers_run_on_spot_of_several_types_and_nothing_else_does(plain):
    spot = nodes(plain, "workers")
    assert (spot["CapacityType"], len(spot["InstanceTypes"])) == ("SPOT", 4)
    assert spot["Taints"] == [{"Effect": "NO_SCHEDULE", "Key": "learninghub.com/spot", "Value": "true"}]
    assert nodes(plain, "web")["CapacityType"] == "ON_DEMAND"


def test_nodes_lie_in_the_drawn_private_subnets(plain):
    for name in ("web", "workers"):
        assert len(nodes(plain, name)["Subnets"]) == 3
        assert all("appSubnet" in str(one) for one in nodes(plain, name)["Subnets"])


def test_nodes_have_encrypted_disks_and_no_metadata_for_pods(plain):
    data = next(one for one in plain.all("EC2::LaunchTemplate") if "BlockDeviceMappings" in one["LaunchTemplateData"])[
        "LaunchTemplateData"
    ]
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert (data["MetadataOptions"]["HttpTokens"], data["MetadataOptions"]["HttpPutResponseHopLimit"]) == (
        "required",
        1,
    )


def test_the_cni_enforces_network_policies(plain):
    assert json.loads(addon(plain, "vpc-cni")["ConfigurationValues"])["enableNetworkPolicy"] == "true"


def test_the_addons_are_these(plain):
    assert {one["AddonName"] for one in plain.all("EKS::Addon")} == {
        "vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "metrics-server", "amazon-cloudwatch-observability",
    }  # fmt: skip


def test_every_service_has_a_role_of_its_own(plain):
    accounts = {(one["Namespace"], one["ServiceAccount"]) for one in plain.all("EKS::PodIdentityAssociation")}
    assert {(NAMESPACE, service.name) for service in SERVICES} <= accounts
    assert len({str(one["RoleArn"]) for one in plain.all("EKS::PodIdentityAssociation")}) == len(accounts) == 18


def test_services_may_do_what_they_must_and_no_more(plain):
    may = {}
    for name, one in plain.stack("Cluster").items():
        if one["Type"] == "AWS::IAM::Policy" and "Identities" in name:
            role = one["Properties"]["Roles"][0]["Ref"]
            for statement in one["Properties"]["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                may.setdefault(role, set()).update(actions)
    by_service = {
        service.name: may.get(
            next((role for role in may if role.startswith(f"Identities{service.name.replace('-', '')}")), ""), set()
        )
        for service in SERVICES
    }
    files = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"}
    assert {name: actions for name, actions in by_service.items() if actions} == dict.fromkeys(KEEP_FILES, files)


def test_who_keeps_files_in_the_code_may_do_so(plain):
    touches = re.compile(r"^from learninghub\.storage import|\bmedia\.(store|open_asset)\(", re.MULTILINE)
    found = {path.relative_to(APPS).parts[0] for path in APPS.rglob("*.py") if touches.search(path.read_text())}
    assert {"media", "certificates", "content"} <= found
    assert found <= {service.app for service in SERVICES if service.name in KEEP_FILES}


def test_secrets_reach_pods_from_parameter_store(plain):
    document = json.dumps(
        [
            one["Properties"]
            for name, one in plain.stack("Cluster").items()
            if one["Type"] == "AWS::IAM::Policy" and "externalsecrets" in name
        ]
    )
    assert "arn:aws:ssm:us-east-1:111122223333:parameter/learninghub/prod/*" in document


def test_traces_reach_x_ray_through_the_agents_otlp(plain):
    assert addon(plain, "amazon-cloudwatch-observability")
    document = json.dumps(
        [
            one["Properties"]
            for name, one in plain.stack("Cluster").items()
            if one["Type"] == "AWS::IAM::Policy" and "observability" in name
        ]
    )
    assert "xray:PutTraceSegments" in document
    assert {one["GroupName"] for one in plain.all("XRay::Group")} == {"learninghub-slow", "learninghub-failed"}
    assert plain.one("XRay::SamplingRule")["SamplingRule"]["FixedRate"] == 0.05
