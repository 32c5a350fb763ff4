"""Images for a machine that reaches no registry of images, made of Debian's packages under the names compose asks for.

They test our recipe and our compose file, not the official images, whose versions and insides differ.
"""

import subprocess
import tempfile
from pathlib import Path

ROOTFS = "localhost/rootfs:bookworm"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # of this machine, so that pip believes what it believes
_PACKAGES = "ca-certificates,python3,python3-venv,python3-pip"

RECIPES = {
    "python:3.11-slim-bookworm": """
        COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
        ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
        RUN ln -sf /usr/bin/python3 /usr/local/bin/python
    """,
    "postgres:15": r"""
        RUN apt-get update && apt-get install -y --no-install-recommends postgresql-15 \
            && ln -s /usr/lib/postgresql/15/bin/* /usr/local/bin/ \
            && install -d -o postgres /var/lib/postgresql/data /var/run/postgresql
        USER postgres
        ENV PGDATA=/var/lib/postgresql/data
        CMD if [ ! -f $PGDATA/PG_VERSION ]; then \
                initdb -A trust -E UTF8 --locale=C.UTF-8 -U $POSTGRES_USER \
                && echo 'host all all all trust' >> $PGDATA/pg_hba.conf \
                && pg_ctl -w start && createdb -U $POSTGRES_USER $POSTGRES_DB && pg_ctl -w stop; \
            fi; exec postgres -c listen_addresses='*'
    """,
    "redis:7": """
        RUN apt-get update && apt-get install -y --no-install-recommends redis-server
        CMD ["redis-server"]
        ENTRYPOINT ["/bin/sh", "-c", "exec \\"$@\\" --protected-mode no", "--"]
    """,
    "rabbitmq:3.13": r"""
        RUN apt-get update && apt-get install -y --no-install-recommends rabbitmq-server
        CMD printf 'default_user = %s\ndefault_pass = %s\nlog.console = true\n' $RABBITMQ_DEFAULT_USER \
            $RABBITMQ_DEFAULT_PASS > /etc/rabbitmq/rabbitmq.conf && exec rabbitmq-server
    """,
    "nginx:1.27": r"""
        RUN apt-get update && apt-get install -y --no-install-recommends nginx-light \
            && rm /etc/nginx/sites-enabled/default
        CMD ["nginx", "-g", "daemon off;"]
    """,
}


def provide(docker: list[str]) -> list[str]:
    """Pulls what is not here, or builds a stand-in; returns the names of the stand-ins in use."""
    made = []
    for image, recipe in RECIPES.items():
        if _succeeds(*docker, "image", "inspect", image):
            made += [image] if _is_stand_in(docker, image) else []
        elif not _succeeds(*docker, "pull", "--quiet", image):
            _build(docker, image, recipe)
            made.append(image)
    return made


def _is_stand_in(docker: list[str], image: str) -> bool:
    label = '{{index .Config.Labels "stand-in"}}'
    told = subprocess.run([*docker, "image", "inspect", "-f", label, image], capture_output=True, text=True, check=True)
    return told.stdout.strip() == "yes"


def _build(docker: list[str], image: str, recipe: str) -> None:
    _make_rootfs(docker)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ca-certificates.crt").write_bytes(_CERTIFICATES.read_bytes())
        (Path(folder) / "Dockerfile").write_text(f"FROM {ROOTFS}\n{recipe}\nLABEL stand-in=yes\n")
        subprocess.run(
            [*docker, "build", "--quiet", "--network", "host", "-t", image, folder], check=True, capture_output=True,
            text=True, env={"DOCKER_BUILDKIT": "0", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip


def _make_rootfs(docker: list[str]) -> None:
    if _succeeds(*docker, "image", "inspect", ROOTFS):
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "rootfs.tar"
        subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", archive],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        subprocess.run([*docker, "import", archive, ROOTFS], check=True, capture_output=True, text=True)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
